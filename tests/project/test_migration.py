"""The page of other libraries: what its rows say, where the library is installed."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest
from helpers import compiled

import fastinfo

pytestmark = compiled

RNG = np.random.default_rng(7)
X, Y = RNG.integers(0, 5, (2, 300))
Y = (X + Y % 2) % 5
A = RNG.normal(size=400)
B = 0.6 * A + 0.8 * RNG.normal(size=400)
P, Q = RNG.random((2, 6)) + 0.01
P, Q = P / P.sum(), Q / Q.sum()
LOGITS = RNG.normal(size=(8, 3)).astype(np.float32)
TARGETS = RNG.integers(0, 3, 8)
COUNTS = np.array([[0.4, 0.1], [0.2, 0.3]])


def library(name: str) -> object:
    """A library, or a skip; some warn while they are imported."""
    return pytest.importorskip(name, exc_type=ImportError)


class TestSciPy:
    def test_entropies(self):
        stats = library("scipy.stats")
        special = library("scipy.special")
        assert math.isclose(fastinfo.entropy(P, base=2), stats.entropy(P, base=2))
        assert math.isclose(fastinfo.kl_divergence(P, Q), special.rel_entr(P, Q).sum())
        assert math.isclose(fastinfo.cross_entropy(P, Q), -special.xlogy(P, Q).sum())

    def test_nothing_has_no_entropy(self):
        stats = library("scipy.stats")
        assert stats.entropy([]) == 0
        with pytest.raises(ValueError, match="empty"):
            fastinfo.entropy([])
        with np.errstate(invalid="ignore"):
            assert np.isnan(stats.entropy([0, 0]))
        with pytest.raises(ValueError, match="only zeros"):
            fastinfo.entropy([0, 0])

    def test_unsigned_integers(self):
        special = library("scipy.special")
        x = np.array([1, 2, 3], np.uint8)
        with np.errstate(all="ignore"):
            assert np.isnan(special.softmax(x)).any()
        assert np.allclose(fastinfo.softmax(x), special.softmax(x.astype(float)))

    def test_distance_is_the_root(self):
        spatial = library("scipy.spatial")
        found = spatial.distance.jensenshannon(P, Q)
        assert math.isclose(fastinfo.js_divergence(P, Q), found**2)


class TestScikitLearn:
    def test_a_constant(self):
        selection = library("sklearn.feature_selection")
        y = np.random.default_rng(0).integers(0, 2, 50)
        theirs = selection.mutual_info_classif(np.ones((50, 1)), y, random_state=0)
        ours = fastinfo.mutual_info_classif(np.ones((50, 1)), y, random_state=0)
        assert np.allclose(theirs, ours, rtol=0, atol=1e-10)

    def test_edges_of_equal_counts(self):
        preprocessing = library("sklearn.preprocessing")
        binned = preprocessing.KBinsDiscretizer(5, encode="ordinal", subsample=None)
        if binned.quantile_method != "averaged_inverted_cdf":
            pytest.skip("scikit-learn before 1.9")
        binned.fit(A[:, None])
        wanted = np.percentile(A, np.linspace(0, 100, 6), method="averaged_inverted_cdf")
        assert np.allclose(binned.bin_edges_[0], wanted)
        codes = fastinfo.discretize(A, 5, strategy="quantile").codes
        assert (codes == binned.transform(A[:, None])[:, 0]).mean() > 0.99


class TestTorch:
    def test_divergence_and_its_mean(self):
        torch = library("torch")
        p, q = (torch.tensor(np.stack([v, v[::-1]])) for v in (P, Q))
        divergence = torch.nn.functional.kl_div
        rows = fastinfo.kl_divergence(p.numpy(), q.numpy(), axis=1)
        assert math.isclose(divergence(q.log(), p, reduction="batchmean"), rows.mean())
        with pytest.warns(UserWarning, match="batchmean"):
            assert math.isclose(divergence(q.log(), p), rows.sum() / p.numel())

    def test_no_rows(self):
        torch = library("torch")
        none, targets = torch.zeros((0, 3)), torch.zeros(0, dtype=torch.long)
        loss = torch.nn.functional.cross_entropy
        assert torch.isnan(loss(none, targets))
        with pytest.raises(ValueError, match="at least one row"):
            fastinfo.softmax_cross_entropy(none.numpy(), targets.numpy())
        assert loss(none, targets, reduction="sum") == 0
        assert fastinfo.softmax_cross_entropy(none.numpy(), targets.numpy(), reduction="sum") == 0

    def test_classes_without_weight(self):
        torch = library("torch")
        loss = torch.nn.functional.cross_entropy
        weight = torch.tensor([0.0, 1.0, 0.0])
        logits, targets = torch.tensor(LOGITS), torch.tensor(TARGETS)
        ours = fastinfo.softmax_cross_entropy(LOGITS, TARGETS, class_weight=weight.numpy())
        assert math.isclose(loss(logits, targets, weight=weight), ours, rel_tol=1e-6)
        none = np.zeros(8, int)
        assert torch.isnan(loss(logits, torch.tensor(none), weight=weight))
        with pytest.raises(ValueError, match="sum to zero"):
            fastinfo.softmax_cross_entropy(LOGITS, none, class_weight=weight.numpy())

    def test_ignored_rows(self):
        torch = library("torch")
        loss = torch.nn.functional.cross_entropy
        with pytest.raises(RuntimeError, match="ignore_index"):
            loss(torch.tensor(LOGITS), torch.full((8, 3), 1 / 3), ignore_index=0)
        with pytest.raises(ValueError, match="ignore_index"):
            fastinfo.softmax_cross_entropy(LOGITS, np.full((8, 3), 1 / 3), ignore_index=0)
        ignored = np.full(8, -100)
        assert torch.isnan(loss(torch.tensor(LOGITS), torch.tensor(ignored)))
        with pytest.warns(RuntimeWarning):
            assert np.isnan(fastinfo.softmax_cross_entropy(LOGITS, ignored, ignore_index=-100))

    @pytest.mark.filterwarnings("ignore:Sparse invariant checks")
    def test_trivial_clusterings(self):
        clustering = library("torchmetrics.clustering")
        torch = library("torch")
        one = torch.zeros(5, dtype=torch.long)
        assert clustering.NormalizedMutualInfoScore()(one, one) == 0
        assert fastinfo.normalized_mutual_info_score(one.numpy(), one.numpy()) == 1


class TestXGBoost:
    FEATURES, TARGETS = RNG.normal(size=(300, 2)), np.repeat([0, 1, 2], [200, 80, 20])
    OPTIONS = {"objective": "multi:softprob", "num_class": 3}  # noqa: RUF012

    @classmethod
    def objective(cls, scores, data):
        _, gradient, hessian = fastinfo.softmax_cross_entropy(
            scores.reshape(-1, 3), cls.TARGETS, reduction="sum", return_grad=True, return_hess=True
        )
        return gradient, 2 * hessian

    def test_scores_begin_at_the_frequencies(self):
        xgboost = library("xgboost")
        data = xgboost.DMatrix(self.FEATURES, self.TARGETS)
        still = {**self.OPTIONS, "learning_rate": 1e-6}
        found = xgboost.train(still, data, 1).predict(data)
        assert np.allclose(found, [200 / 300, 80 / 300, 20 / 300], atol=0.01)
        custom = xgboost.train({**still, "base_score": 0.0}, data, 1, obj=self.objective)
        assert np.allclose(custom.predict(data), 1 / 3, atol=0.01)

    def test_from_the_same_margins_models_are_the_same(self):
        xgboost = library("xgboost")
        data = xgboost.DMatrix(self.FEATURES, self.TARGETS, base_margin=np.zeros((300, 3)))
        found = xgboost.train(self.OPTIONS, data, 5).predict(data)
        custom = xgboost.train(self.OPTIONS, data, 5, obj=self.objective).predict(data)
        assert np.allclose(found, custom, atol=1e-4)


class TestInfomeasure:
    @pytest.fixture(autouse=True)
    def quiet(self):
        logging.disable(logging.CRITICAL)
        yield
        logging.disable(logging.NOTSET)

    def test_discrete_measures(self):
        infomeasure = library("infomeasure")
        counts = np.unique(X, return_counts=True)[1]
        theirs = infomeasure.entropy(X, approach="discrete")
        assert math.isclose(theirs, fastinfo.entropy_from_counts(counts))
        theirs = infomeasure.mutual_information(X, Y, approach="discrete")
        assert math.isclose(theirs, fastinfo.mutual_information(X, Y))
        theirs = infomeasure.transfer_entropy(X, Y, approach="discrete")
        assert math.isclose(theirs, fastinfo.transfer_entropy(X, Y), rel_tol=1e-9)

    def test_grassberger_is_of_1988(self):
        infomeasure = library("infomeasure")
        special = library("scipy.special")
        x = RNG.integers(0, 50, 60)
        counts = np.unique(x, return_counts=True)[1]
        terms = np.log(60) - special.psi(counts) - (-1.0) ** counts / (counts + 1)
        theirs = infomeasure.entropy(x, approach="grassberger")
        assert math.isclose(theirs, (counts / 60 * terms).sum())
        ours = fastinfo.entropy_from_counts(counts, correction="grassberger")
        assert abs(theirs - ours) > 0.01

    def test_nsb_is_no_mean_of_the_posterior(self):
        infomeasure = library("infomeasure")
        counts = np.bincount(X)
        theirs = infomeasure.entropy(X, approach="nsb", K=counts.size)
        ours = fastinfo.entropy_from_counts(counts, correction="nsb")
        assert not math.isclose(theirs, ours, rel_tol=1e-3)

    def test_neighbours(self):
        infomeasure = library("infomeasure")
        a, b = A / A.std(), B / B.std()
        theirs = infomeasure.mutual_information(a, b, approach="metric", k=4)
        ours = fastinfo.mutual_information(A, B, estimator="ksg", n_neighbors=4)
        assert math.isclose(theirs, ours, abs_tol=1e-12)


class TestOthers:
    def test_dit(self):
        dit = library("dit")
        d = dit.Distribution(["00", "01", "10", "11"], COUNTS.ravel())
        table = fastinfo.JointCounts.from_table(COUNTS)
        assert math.isclose(dit.shannon.entropy(d), table.joint_entropy(base=2))
        theirs = dit.shannon.mutual_information(d, [0], [1])
        assert math.isclose(theirs, table.mutual_information(base=2))
        theirs = dit.shannon.conditional_entropy(d, [0], [1])
        assert math.isclose(theirs, table.conditional_entropy("x|y", base=2))

    def test_pyitlib(self):
        drv = library("pyitlib.discrete_random_variable")
        theirs = drv.information_mutual(X, Y)
        assert math.isclose(theirs, fastinfo.mutual_information(X, Y, base=2), rel_tol=1e-9)
        theirs = drv.entropy_conditional(X, Y)
        assert math.isclose(theirs, fastinfo.conditional_entropy(X, Y, base=2), rel_tol=1e-9)
        z = (X + Y) % 2
        theirs = drv.information_mutual_conditional(X, Y, z)
        ours = fastinfo.conditional_mutual_information(X, Y, z, base=2)
        assert math.isclose(theirs, ours, rel_tol=1e-9, abs_tol=1e-12)

    def test_neurokit2(self):
        neurokit2 = library("neurokit2")
        plain = fastinfo.mutual_information(A, B, bins=8, strategy="uniform", base=2)
        assert math.isclose(neurokit2.mutual_information(A, B, method="nolitsa", bins=8), plain)
        joint = fastinfo.mutual_information(A, B, bins=8, strategy="uniform", normalized="joint")
        assert math.isclose(
            neurokit2.mutual_information(A, B, bins=8, sigma=0), joint, rel_tol=1e-6
        )
        assert neurokit2.mutual_information(A, B, bins=8) < joint  # smoothed

    def test_skimage(self):
        metrics = library("skimage.metrics")
        image0, image1 = A.reshape(20, 20), B.reshape(20, 20)
        for a, b in ((image0, image1), (image0, image1[:15])):
            theirs = metrics.normalized_mutual_information(a, b)
            ours = fastinfo.images.normalized_mutual_information(a, b)
            assert math.isclose(theirs, ours, rel_tol=1e-12)

    def test_simpleitk(self):
        sitk = library("SimpleITK")
        method = sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(32)
        method.SetInitialTransform(sitk.Transform(2, sitk.sitkIdentity))
        images = A.reshape(20, 20), B.reshape(20, 20)
        theirs = method.MetricEvaluate(*map(sitk.GetImageFromArray, images))
        ours = -fastinfo.images.mutual_information(*images, bins=32)
        assert math.isclose(theirs, ours, rel_tol=1e-9)
