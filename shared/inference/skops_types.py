"""The types that a skops file may name, for each kind of node that may name them.

Reviewed by hand. On the list are estimators that compute from arrays, and what they consist of. Not
on it: what takes functions or types as values, searches over parameters, text (regular expressions
that run on input), and what nobody has looked at. Trees (`Tree`, `TreePredictor`, `KDTree`,
`BallTree`) are on it although their indices are not checked when they predict: a crafted tree can
read the memory of its own process or end it, and there is nothing else in it.
"""

from collections.abc import Mapping

_ESTIMATORS = """
sklearn._loss.link IdentityLink Interval LogLink LogitLink MultinomialLogit
sklearn._loss.loss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss
sklearn._loss.loss HalfSquaredError HalfTweedieLoss HalfTweedieLossIdentity
sklearn.calibration CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration
sklearn.cluster._kmeans KMeans MiniBatchKMeans
sklearn.compose._column_transformer ColumnTransformer
sklearn.decomposition._incremental_pca IncrementalPCA
sklearn.decomposition._kernel_pca KernelPCA
sklearn.decomposition._pca PCA
sklearn.decomposition._truncated_svd TruncatedSVD
sklearn.discriminant_analysis LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis
sklearn.dummy DummyClassifier DummyRegressor
sklearn.ensemble._bagging BaggingClassifier BaggingRegressor
sklearn.ensemble._forest ExtraTreesClassifier ExtraTreesRegressor
sklearn.ensemble._forest RandomForestClassifier RandomForestRegressor
sklearn.ensemble._gb GradientBoostingClassifier GradientBoostingRegressor
sklearn.ensemble._hist_gradient_boosting.binning _BinMapper
sklearn.ensemble._hist_gradient_boosting.gradient_boosting HistGradientBoostingClassifier
sklearn.ensemble._hist_gradient_boosting.gradient_boosting HistGradientBoostingRegressor
sklearn.ensemble._hist_gradient_boosting.predictor TreePredictor
sklearn.ensemble._iforest IsolationForest
sklearn.ensemble._stacking StackingClassifier StackingRegressor
sklearn.ensemble._voting VotingClassifier VotingRegressor
sklearn.ensemble._weight_boosting AdaBoostClassifier AdaBoostRegressor
sklearn.feature_selection._from_model SelectFromModel
sklearn.feature_selection._variance_threshold VarianceThreshold
sklearn.gaussian_process._gpc GaussianProcessClassifier
sklearn.gaussian_process._gpc _BinaryGaussianProcessClassifierLaplace
sklearn.gaussian_process._gpr GaussianProcessRegressor
sklearn.gaussian_process.kernels ConstantKernel DotProduct Matern Product RBF RationalQuadratic Sum
sklearn.gaussian_process.kernels WhiteKernel
sklearn.impute._base SimpleImputer
sklearn.isotonic IsotonicRegression
sklearn.kernel_ridge KernelRidge
sklearn.linear_model._base LinearRegression
sklearn.linear_model._bayes ARDRegression BayesianRidge
sklearn.linear_model._coordinate_descent ElasticNet ElasticNetCV Lasso LassoCV
sklearn.linear_model._glm.glm GammaRegressor PoissonRegressor TweedieRegressor
sklearn.linear_model._huber HuberRegressor
sklearn.linear_model._least_angle Lars LarsCV LassoLars LassoLarsCV LassoLarsIC
sklearn.linear_model._logistic LogisticRegression LogisticRegressionCV
sklearn.linear_model._omp OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV
sklearn.linear_model._passive_aggressive PassiveAggressiveClassifier PassiveAggressiveRegressor
sklearn.linear_model._perceptron Perceptron
sklearn.linear_model._quantile QuantileRegressor
sklearn.linear_model._ransac RANSACRegressor
sklearn.linear_model._ridge Ridge RidgeCV RidgeClassifier RidgeClassifierCV
sklearn.linear_model._stochastic_gradient SGDClassifier SGDOneClassSVM SGDRegressor
sklearn.linear_model._theil_sen TheilSenRegressor
sklearn.metrics._dist_metrics ChebyshevDistance64 EuclideanDistance64 ManhattanDistance64
sklearn.metrics._dist_metrics MinkowskiDistance64
sklearn.mixture._bayesian_mixture BayesianGaussianMixture
sklearn.mixture._gaussian_mixture GaussianMixture
sklearn.multiclass OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier
sklearn.multiclass _ConstantPredictor
sklearn.multioutput MultiOutputRegressor
sklearn.naive_bayes BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB
sklearn.neighbors._ball_tree BallTree
sklearn.neighbors._classification KNeighborsClassifier
sklearn.neighbors._kd_tree KDTree
sklearn.neighbors._nearest_centroid NearestCentroid
sklearn.neighbors._regression KNeighborsRegressor
sklearn.neural_network._multilayer_perceptron MLPClassifier MLPRegressor
sklearn.neural_network._stochastic_optimizers AdamOptimizer SGDOptimizer
sklearn.pipeline FeatureUnion Pipeline
sklearn.preprocessing._data Binarizer KernelCenterer
sklearn.preprocessing._data MaxAbsScaler MinMaxScaler Normalizer
sklearn.preprocessing._data PowerTransformer QuantileTransformer RobustScaler StandardScaler
sklearn.preprocessing._encoders OneHotEncoder OrdinalEncoder
sklearn.preprocessing._label LabelBinarizer LabelEncoder
sklearn.preprocessing._polynomial PolynomialFeatures
sklearn.semi_supervised._label_propagation LabelPropagation LabelSpreading
sklearn.svm._classes LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR
sklearn.tree._classes DecisionTreeClassifier DecisionTreeRegressor
sklearn.tree._classes ExtraTreeClassifier ExtraTreeRegressor
"""
_LOSSES = """
sklearn._loss._loss CyHalfBinomialLoss CyHalfMultinomialLoss CyHalfSquaredError
sklearn._loss._loss CyHalfGammaLoss CyHalfPoissonLoss CyHalfTweedieLoss CyHalfTweedieLossIdentity
sklearn.linear_model._sgd_fast EpsilonInsensitive Hinge ModifiedHuber SquaredEpsilonInsensitive
sklearn.linear_model._sgd_fast SquaredHinge
"""
_NUMBERS = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 str_"


def _read_names(lines: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in lines.strip().splitlines():
        module, *names = line.split()
        found[module] = found.get(module, frozenset()) | frozenset(names)
    return found


# Node of skops → module → classes.
ALLOWED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "DictNode": _read_names("builtins dict\nsklearn.utils._bunch Bunch"),
    "DTypeNode": _read_names("numpy dtype"),
    "JsonNode": _read_names("builtins str"),
    "ListNode": _read_names("builtins list"),
    "LossNode": _read_names(_LOSSES),
    "NdArrayNode": _read_names(f"numpy ndarray {_NUMBERS}"),
    "ObjectNode": _read_names(_ESTIMATORS),
    "RandomGeneratorNode": _read_names("numpy.random._generator Generator"),
    "RandomStateNode": _read_names("numpy.random.mtrand RandomState"),
    "SliceNode": _read_names("builtins slice"),
    "TreeNode": _read_names("sklearn.tree._tree Tree"),
    "TupleNode": _read_names("builtins tuple"),
    "TypeNode": _read_names(f"builtins str int float bool\nnumpy {_NUMBERS}"),
}
# skops asks for the bit generator too, which a generator of random numbers names in its state.
TRUSTED = sorted(
    {f"{module}.{name}" for types in ALLOWED.values() for module in types for name in types[module]}
    | {"numpy.random.PCG64"}
)
