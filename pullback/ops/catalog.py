"""Which family has which function and which method. Written by `python -m tools.catalog`."""

_FUNCTIONS = {
    "activation": (
        "prelu "
    ),
    "adaptive": (
        "adaptive_avg_pool1d "
    ),
    "affine": (
        "addbmm addmm addmv addr baddbmm "
    ),
    "aliases": (
        "absolute arccos arccosh arcsin arcsinh arctan arctan2 arctanh clip divide fix greater greater_equal "
        "less less_equal multiply negative not_equal subtract true_divide "
    ),
    "alike": (
        "allclose equal isclose "
    ),
    "arrange": (
        "block_diag constant_pad_nd flip fliplr flipud roll rot90 tile tril triu "
    ),
    "avgpool": (
        "avg_pool1d "
    ),
    "axes": (
        "adjoint moveaxis movedim swapaxes swapdims "
    ),
    "binary": (
        "add atan2 bitwise_and bitwise_not bitwise_or bitwise_xor clamp div eq floor_divide fmod ge gt "
        "isfinite isinf isnan le lerp logical_and logical_not logical_or logical_xor lt maximum minimum mul "
        "ne pow remainder rsub sub where "
    ),
    "contract": (
        "bmm dot matmul mm mv vdot "
    ),
    "conv": (
        "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d "
    ),
    "einstein": (
        "einsum tensordot "
    ),
    "error_function": (
        "erf erfc erfinv "
    ),
    "extrema": (
        "amax amin aminmax argmax argmin max min "
    ),
    "gamma": (
        "digamma lgamma polygamma "
    ),
    "gathering": (
        "gather put scatter scatter_add take take_along_dim "
    ),
    "index_write": (
        "index_put "
    ),
    "join": (
        "cat chunk concat concatenate dsplit hsplit split split_with_sizes stack tensor_split unbind vsplit "
    ),
    "logarithms": (
        "logaddexp logaddexp2 logit sinc xlogy "
    ),
    "masked": (
        "argwhere masked_fill masked_scatter masked_select nonzero "
    ),
    "middle": (
        "median mode nanmedian "
    ),
    "noise": (
        "feature_dropout "
    ),
    "norms": (
        "norm "
    ),
    "numeric": (
        "bitwise_left_shift bitwise_right_shift clamp_max clamp_min copysign deg2rad float_power fmax fmin "
        "frac gcd heaviside hypot isneginf isposinf isreal lcm ldexp nan_to_num nextafter positive rad2deg "
        "round signbit square "
    ),
    "phase": (
        "angle conj_physical polar "
    ),
    "piecewise": (
        "hardshrink "
    ),
    "products": (
        "cdist chain_matmul cross ger inner kron outer "
    ),
    "reduce": (
        "all any count_nonzero logsumexp mean nanmean nansum prod sum trace "
    ),
    "reducing": (
        "scatter_reduce "
    ),
    "retype": (
        "view_as_complex view_as_real "
    ),
    "rownorm": (
        "rms_norm "
    ),
    "scan": (
        "cummax cummin cumprod cumsum diff logcumsumexp "
    ),
    "search": (
        "bincount bucketize histc isin searchsorted unique unique_consecutive "
    ),
    "selecting": (
        "index_add index_copy index_fill index_select repeat_interleave "
    ),
    "shape": (
        "permute reshape t transpose unsqueeze "
    ),
    "sizes": (
        "atleast_1d atleast_2d atleast_3d broadcast_shapes broadcast_tensors broadcast_to flatten meshgrid "
        "ravel squeeze unflatten "
    ),
    "softmaxes": (
        "log_softmax softmax "
    ),
    "sorting": (
        "argsort kthvalue msort sort topk "
    ),
    "stacking": (
        "column_stack dstack hstack row_stack vstack "
    ),
    "statistics": (
        "std std_mean var var_mean "
    ),
    "ternary": (
        "addcdiv addcmul "
    ),
    "unary": (
        "abs acos acosh asin asinh atan atanh ceil clone complex conj cos cosh exp exp2 expm1 floor imag log "
        "log10 log1p log2 neg real reciprocal relu rsqrt sgn sigmoid sign sin sinh sqrt tan tanh trunc "
    ),
    "window": (
        "as_strided diag diag_embed diagflat diagonal diagonal_scatter narrow select select_scatter "
        "slice_scatter "
    ),
}

_ELSEWHERE = {
    "activation": (
        "celu elu gelu glu logsigmoid mish selu silu softplus softsign tanhshrink "
    ),
    "adaptive": (
        "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d "
    ),
    "affine": (
        "linear "
    ),
    "attention": (
        "scaled_dot_product_attention "
    ),
    "avgpool": (
        "avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d "
    ),
    "batchnorm": (
        "batch_norm instance_norm "
    ),
    "lookup": (
        "embedding one_hot "
    ),
    "loss": (
        "binary_cross_entropy binary_cross_entropy_with_logits huber_loss kl_div l1_loss mse_loss "
        "smooth_l1_loss "
    ),
    "maxpool": (
        "max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d "
        "max_pool3d_with_indices "
    ),
    "nll": (
        "cross_entropy nll_loss "
    ),
    "noise": (
        "alpha_dropout dropout dropout1d dropout2d dropout3d feature_alpha_dropout "
    ),
    "norms": (
        "linalg_matrix_norm linalg_norm linalg_vector_norm "
    ),
    "piecewise": (
        "hardsigmoid hardswish hardtanh leaky_relu relu6 softshrink threshold "
    ),
    "products": (
        "linalg_cross linalg_multi_dot linalg_vecdot "
    ),
    "rownorm": (
        "group_norm layer_norm "
    ),
    "softmaxes": (
        "softmin "
    ),
}

_METHODS = {
    "activation": (
        "prelu "
    ),
    "affine": (
        "addbmm addbmm_ addmm addmm_ addmv addmv_ addr addr_ baddbmm baddbmm_ "
    ),
    "aliases": (
        "absolute absolute_ arccos arccos_ arccosh arccosh_ arcsin arcsin_ arcsinh arcsinh_ arctan arctan2 "
        "arctan2_ arctan_ arctanh arctanh_ clip clip_ divide divide_ fix fix_ greater greater_ greater_equal "
        "greater_equal_ less less_ less_equal less_equal_ multiply multiply_ negative negative_ not_equal "
        "not_equal_ subtract subtract_ true_divide true_divide_ "
    ),
    "alike": (
        "allclose equal isclose "
    ),
    "arrange": (
        "flip fliplr flipud repeat roll rot90 tile tril tril_ triu triu_ "
    ),
    "axes": (
        "adjoint moveaxis movedim squeeze_ swapaxes swapaxes_ swapdims swapdims_ t_ transpose_ unsqueeze_ "
    ),
    "binary": (
        "add add_ atan2 atan2_ bitwise_and bitwise_and_ bitwise_not bitwise_not_ bitwise_or bitwise_or_ "
        "bitwise_xor bitwise_xor_ clamp clamp_ div div_ eq eq_ floor_divide floor_divide_ fmod fmod_ ge ge_ "
        "gt gt_ isfinite isinf isnan le le_ lerp lerp_ logical_and logical_and_ logical_not logical_not_ "
        "logical_or logical_or_ logical_xor logical_xor_ lt lt_ maximum minimum mul mul_ ne ne_ pow pow_ "
        "remainder remainder_ sub sub_ "
    ),
    "contract": (
        "bmm dot matmul mm mv vdot "
    ),
    "error_function": (
        "erf erf_ erfc erfc_ erfinv erfinv_ "
    ),
    "extrema": (
        "amax amin aminmax argmax argmin max min "
    ),
    "gamma": (
        "digamma digamma_ lgamma lgamma_ polygamma polygamma_ "
    ),
    "gathering": (
        "gather put put_ scatter scatter_ scatter_add scatter_add_ take take_along_dim "
    ),
    "index": (
        "__getitem__ "
    ),
    "index_write": (
        "__setitem__ index_put index_put_ "
    ),
    "inplace": (
        "copy_ fill_ zero_ "
    ),
    "join": (
        "chunk dsplit hsplit split split_with_sizes tensor_split unbind vsplit "
    ),
    "logarithms": (
        "logaddexp logaddexp2 logit logit_ sinc sinc_ xlogy xlogy_ "
    ),
    "masked": (
        "argwhere masked_fill masked_fill_ masked_scatter masked_scatter_ masked_select nonzero "
    ),
    "middle": (
        "median mode nanmedian "
    ),
    "norms": (
        "norm "
    ),
    "numeric": (
        "bitwise_left_shift bitwise_left_shift_ bitwise_right_shift bitwise_right_shift_ clamp_max clamp_max_ "
        "clamp_min clamp_min_ copysign copysign_ deg2rad deg2rad_ float_power float_power_ fmax fmin frac "
        "frac_ gcd gcd_ heaviside heaviside_ hypot hypot_ isneginf isposinf isreal lcm lcm_ ldexp ldexp_ "
        "nan_to_num nan_to_num_ nextafter nextafter_ positive rad2deg rad2deg_ round round_ signbit square "
        "square_ "
    ),
    "phase": (
        "angle conj_physical conj_physical_ "
    ),
    "piecewise": (
        "hardshrink "
    ),
    "products": (
        "cross ger inner kron outer "
    ),
    "reduce": (
        "all any count_nonzero logsumexp mean nanmean nansum prod sum trace "
    ),
    "reducing": (
        "scatter_reduce scatter_reduce_ "
    ),
    "scan": (
        "cummax cummin cumprod cumprod_ cumsum cumsum_ diff logcumsumexp "
    ),
    "search": (
        "bincount histc unique unique_consecutive "
    ),
    "selecting": (
        "index_add index_add_ index_copy index_copy_ index_fill index_fill_ index_select repeat_interleave "
    ),
    "shape": (
        "permute reshape t transpose unsqueeze view "
    ),
    "sizes": (
        "broadcast_to contiguous expand expand_as flatten ravel reshape_as squeeze sum_to_size unflatten "
        "view_as "
    ),
    "softmaxes": (
        "log_softmax softmax "
    ),
    "sorting": (
        "argsort kthvalue msort sort topk "
    ),
    "statistics": (
        "std var "
    ),
    "ternary": (
        "addcdiv addcdiv_ addcmul addcmul_ "
    ),
    "unary": (
        "abs abs_ acos acos_ acosh acosh_ asin asin_ asinh asinh_ atan atan_ atanh atanh_ ceil ceil_ clone "
        "conj cos cos_ cosh cosh_ exp exp2 exp2_ exp_ expm1 expm1_ floor floor_ log log10 log10_ log1p log1p_ "
        "log2 log2_ log_ neg neg_ reciprocal reciprocal_ relu relu_ rsqrt rsqrt_ sgn sgn_ sigmoid sigmoid_ "
        "sign sign_ sin sin_ sinh sinh_ sqrt sqrt_ tan tan_ tanh tanh_ trunc trunc_ "
    ),
    "window": (
        "as_strided as_strided_ diag diag_embed diagflat diagonal diagonal_scatter fill_diagonal_ narrow "
        "select select_scatter slice_scatter unfold "
    ),
}

TORCH = {name: family for family, names in _FUNCTIONS.items() for name in names.split()}
FAMILIES = TORCH | {name: family for family, names in _ELSEWHERE.items() for name in names.split()}
METHODS = {name: family for family, names in _METHODS.items() for name in names.split()}
