# fastinfo's command line in a container, compiled when the image is built:
#
#     docker build -t fastinfo .
#     docker run --rm -v "$PWD:/data:ro" fastinfo rank /data/flights.csv --target arr_delay
#
# The first stage makes a wheel of this clone; the second one installs it.

ARG BASE=python:3.13-slim

FROM ${BASE} AS wheel
COPY . /source
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source

FROM ${BASE}
# What x86 CPUs of the last ten years have in common, so that the image also runs where it was not built. On ARM, build
# with --build-arg CPU=generic --build-arg CPU_FEATURES=
ARG CPU=x86-64-v3
ARG CPU_FEATURES=+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+movbe,+popcnt
ARG EXTRAS=cli,plot
ENV NUMBA_CPU_NAME=${CPU} NUMBA_CPU_FEATURES=${CPU_FEATURES} MPLBACKEND=Agg
COPY --from=wheel /wheels /wheels
RUN python -m pip install --no-cache-dir "$(echo /wheels/fastinfo-*.whl)[${EXTRAS}]" && rm -r /wheels && fastinfo warmup
USER nobody
WORKDIR /data
ENTRYPOINT ["fastinfo"]
CMD ["--help"]
