/* fastinfo.h: the hot kernels of fastinfo as C functions.
 *
 * The functions are compiled at run time, for the processor that they run on. Their addresses come
 * from Python: fastinfo.capi.<name>.address, .ctypes for ctypes and SciPy, or all of them in one
 * struct, whose address is fastinfo.capi.address(). An extension module that includes Python.h
 * first gets the struct by fastinfo_import().
 *
 * All functions may be called from any thread, with or without the GIL. They raise nothing, keep no
 * pointer, and never write to what is const. Arrays are dense, aligned, and in C order. Results are
 * in nats. What a contract rules out gives NaN, or -1 from a function that counts; what can't be
 * seen, a pointer that is wrong or too little memory behind it, is the caller's to rule out.
 */
#ifndef FASTINFO_H
#define FASTINFO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* log(sum(exp(a))) of n terms; -inf of none. NaN for n < 0. */
typedef double fastinfo_logsumexp_f32(const float *a, int64_t n);
typedef double fastinfo_logsumexp_f64(const double *a, int64_t n);

/* -sum(p log q) of n weights each, which are normalised to sum 1: p > 0 with q = 0 gives inf, weights
 * that are all zero give NaN. Weights must not be negative, which is not checked. NaN for n < 1. */
typedef double fastinfo_cross_entropy_f32(const float *p, const float *q, int64_t n);
typedef double fastinfo_cross_entropy_f64(const double *p, const double *q, int64_t n);

/* Sum over rows of log(sum(exp(row))) - row[target], for logits[rows][classes]. NaN if a target is not
 * in [0, classes), or for rows < 0 or classes < 1. work: 4 * rows doubles; afterwards its last quarter
 * holds the loss of each row. */
typedef double fastinfo_softmax_cross_entropy_f32(const float *logits, const int64_t *targets,
                                                  int64_t rows, int64_t classes, double *work);
typedef double fastinfo_softmax_cross_entropy_f64(const double *logits, const int64_t *targets,
                                                  int64_t rows, int64_t classes, double *work);

/* Adds the counts of n pairs of samples in nx by ny equal bins, half-open but for the last ones, as
 * numpy.histogram2d counts them, to table[nx + 1][ny + 1]. Its last row and column take the samples that
 * are outside of the bounds or NaN. Returns how many pairs that were. -1, and nothing is added, for
 * n < 0, no bins, bounds that are not finite or not x_low < x_high, bins that are too narrow for doubles,
 * or 2^31 cells or more. n, and each cell, must stay below 2^32. work: nx + ny + 2 doubles; afterwards it
 * holds the edges of x and those of y. */
typedef int64_t fastinfo_histogram2d_f32(const float *x, const float *y, int64_t n,
                                         double x_low, double x_high, int64_t nx,
                                         double y_low, double y_high, int64_t ny,
                                         uint32_t *table, double *work);
typedef int64_t fastinfo_histogram2d_f64(const double *x, const double *y, int64_t n,
                                         double x_low, double x_high, int64_t nx,
                                         double y_low, double y_high, int64_t ny,
                                         uint32_t *table, double *work);

/* Mutual information, by the plug-in estimate, of the first ny counts in each of nx rows; a row begins
 * every `stride` cells: ny + 1 in a table of fastinfo_histogram2d. Counts must not be negative, which is
 * not checked. 0 of no counts; NaN for nx < 1, ny < 1 or stride < ny. work: nx * ny + nx + ny doubles. */
typedef double fastinfo_mutual_information_u32(const uint32_t *table, int64_t nx, int64_t ny,
                                               int64_t stride, double *work);
typedef double fastinfo_mutual_information_i64(const int64_t *table, int64_t nx, int64_t ny,
                                               int64_t stride, double *work);
typedef double fastinfo_mutual_information_f64(const double *table, int64_t nx, int64_t ny,
                                               int64_t stride, double *work);

/* All of them. A later version only adds to the end of the struct, and counts `size` up. */
typedef struct {
    int64_t size; /* of the struct, in bytes */
    fastinfo_cross_entropy_f32 *cross_entropy_f32;
    fastinfo_cross_entropy_f64 *cross_entropy_f64;
    fastinfo_histogram2d_f32 *histogram2d_f32;
    fastinfo_histogram2d_f64 *histogram2d_f64;
    fastinfo_logsumexp_f32 *logsumexp_f32;
    fastinfo_logsumexp_f64 *logsumexp_f64;
    fastinfo_mutual_information_f64 *mutual_information_f64;
    fastinfo_mutual_information_i64 *mutual_information_i64;
    fastinfo_mutual_information_u32 *mutual_information_u32;
    fastinfo_softmax_cross_entropy_f32 *softmax_cross_entropy_f32;
    fastinfo_softmax_cross_entropy_f64 *softmax_cross_entropy_f64;
} fastinfo_api;

#ifdef Py_PYTHON_H
/* The functions, which are compiled first if they are not in the cache; NULL with a Python exception.
 * Needs the GIL. The struct lives as long as the process. */
static inline const fastinfo_api *fastinfo_import(void)
{
    const fastinfo_api *api = NULL;
    PyObject *module = PyImport_ImportModule("fastinfo.capi");
    if (module != NULL) {
        PyObject *capsule = PyObject_GetAttrString(module, "C_API");
        if (capsule != NULL) {
            api = (const fastinfo_api *)PyCapsule_GetPointer(capsule, "fastinfo.capi.C_API");
            Py_DECREF(capsule);
        }
        Py_DECREF(module);
    }
    if (api != NULL && api->size < (int64_t)sizeof(fastinfo_api)) {
        PyErr_SetString(PyExc_ImportError, "fastinfo is older than the fastinfo.h that was compiled with");
        return NULL;
    }
    return api;
}
#endif

#ifdef __cplusplus
}
#endif
#endif
