# Written by `python -m tools.stubs`; changes by hand are lost.
import builtins
from typing import Any

from .dtypes import dtype as Dtype
from .dtypes import dtype as dtype
from .graph import Tensor as Tensor
from .version import __version__ as __version__
from . import autograd as autograd
from . import backends as backends
from . import compat as compat
from . import cuda as cuda
from . import explain as explain
from . import func as func
from . import linalg as linalg
from . import nn as nn
from . import optim as optim
from . import random as random
from . import return_types as return_types
from . import serialization as serialization
from . import special as special
from . import utils as utils
from .autograd.grad_mode import enable_grad as enable_grad
from .autograd.grad_mode import inference_mode as inference_mode
from .autograd.grad_mode import no_grad as no_grad
from .autograd.grad_mode import set_grad_enabled as set_grad_enabled
from .limits import finfo as finfo
from .limits import iinfo as iinfo
from .ops import abs as abs
from .ops import absolute as absolute
from .ops import acos as acos
from .ops import acosh as acosh
from .ops import adaptive_avg_pool1d as adaptive_avg_pool1d
from .ops import add as add
from .ops import addbmm as addbmm
from .ops import addcdiv as addcdiv
from .ops import addcmul as addcmul
from .ops import addmm as addmm
from .ops import addmv as addmv
from .ops import addr as addr
from .ops import adjoint as adjoint
from .ops import all as all
from .ops import allclose as allclose
from .ops import amax as amax
from .ops import amin as amin
from .ops import aminmax as aminmax
from .ops import angle as angle
from .ops import any as any
from .ops import arccos as arccos
from .ops import arccosh as arccosh
from .ops import arcsin as arcsin
from .ops import arcsinh as arcsinh
from .ops import arctan as arctan
from .ops import arctan2 as arctan2
from .ops import arctanh as arctanh
from .ops import argmax as argmax
from .ops import argmin as argmin
from .ops import argsort as argsort
from .ops import argwhere as argwhere
from .ops import as_strided as as_strided
from .ops import asin as asin
from .ops import asinh as asinh
from .ops import atan as atan
from .ops import atan2 as atan2
from .ops import atanh as atanh
from .ops import atleast_1d as atleast_1d
from .ops import atleast_2d as atleast_2d
from .ops import atleast_3d as atleast_3d
from .ops import avg_pool1d as avg_pool1d
from .ops import baddbmm as baddbmm
from .ops import bincount as bincount
from .ops import bitwise_and as bitwise_and
from .ops import bitwise_left_shift as bitwise_left_shift
from .ops import bitwise_not as bitwise_not
from .ops import bitwise_or as bitwise_or
from .ops import bitwise_right_shift as bitwise_right_shift
from .ops import bitwise_xor as bitwise_xor
from .ops import block_diag as block_diag
from .ops import bmm as bmm
from .ops import broadcast_shapes as broadcast_shapes
from .ops import broadcast_tensors as broadcast_tensors
from .ops import broadcast_to as broadcast_to
from .ops import bucketize as bucketize
from .ops import cat as cat
from .ops import cdist as cdist
from .ops import ceil as ceil
from .ops import chain_matmul as chain_matmul
from .ops import chunk as chunk
from .ops import clamp as clamp
from .ops import clamp_max as clamp_max
from .ops import clamp_min as clamp_min
from .ops import clip as clip
from .ops import clone as clone
from .ops import column_stack as column_stack
from .ops import complex as complex
from .ops import concat as concat
from .ops import concatenate as concatenate
from .ops import conj as conj
from .ops import conj_physical as conj_physical
from .ops import constant_pad_nd as constant_pad_nd
from .ops import conv1d as conv1d
from .ops import conv2d as conv2d
from .ops import conv3d as conv3d
from .ops import conv_transpose1d as conv_transpose1d
from .ops import conv_transpose2d as conv_transpose2d
from .ops import conv_transpose3d as conv_transpose3d
from .ops import copysign as copysign
from .ops import cos as cos
from .ops import cosh as cosh
from .ops import count_nonzero as count_nonzero
from .ops import cross as cross
from .ops import cummax as cummax
from .ops import cummin as cummin
from .ops import cumprod as cumprod
from .ops import cumsum as cumsum
from .ops import deg2rad as deg2rad
from .ops import diag as diag
from .ops import diag_embed as diag_embed
from .ops import diagflat as diagflat
from .ops import diagonal as diagonal
from .ops import diagonal_scatter as diagonal_scatter
from .ops import diff as diff
from .ops import digamma as digamma
from .ops import div as div
from .ops import divide as divide
from .ops import dot as dot
from .ops import dsplit as dsplit
from .ops import dstack as dstack
from .ops import einsum as einsum
from .ops import eq as eq
from .ops import equal as equal
from .ops import erf as erf
from .ops import erfc as erfc
from .ops import erfinv as erfinv
from .ops import exp as exp
from .ops import exp2 as exp2
from .ops import expm1 as expm1
from .ops import feature_dropout as feature_dropout
from .ops import fix as fix
from .ops import flatten as flatten
from .ops import flip as flip
from .ops import fliplr as fliplr
from .ops import flipud as flipud
from .ops import float_power as float_power
from .ops import floor as floor
from .ops import floor_divide as floor_divide
from .ops import fmax as fmax
from .ops import fmin as fmin
from .ops import fmod as fmod
from .ops import frac as frac
from .ops import gather as gather
from .ops import gcd as gcd
from .ops import ge as ge
from .ops import ger as ger
from .ops import greater as greater
from .ops import greater_equal as greater_equal
from .ops import gt as gt
from .ops import hardshrink as hardshrink
from .ops import heaviside as heaviside
from .ops import histc as histc
from .ops import hsplit as hsplit
from .ops import hstack as hstack
from .ops import hypot as hypot
from .ops import imag as imag
from .ops import index_add as index_add
from .ops import index_copy as index_copy
from .ops import index_fill as index_fill
from .ops import index_put as index_put
from .ops import index_select as index_select
from .ops import inner as inner
from .ops import isclose as isclose
from .ops import isfinite as isfinite
from .ops import isin as isin
from .ops import isinf as isinf
from .ops import isnan as isnan
from .ops import isneginf as isneginf
from .ops import isposinf as isposinf
from .ops import isreal as isreal
from .ops import kron as kron
from .ops import kthvalue as kthvalue
from .ops import lcm as lcm
from .ops import ldexp as ldexp
from .ops import le as le
from .ops import lerp as lerp
from .ops import less as less
from .ops import less_equal as less_equal
from .ops import lgamma as lgamma
from .ops import log as log
from .ops import log10 as log10
from .ops import log1p as log1p
from .ops import log2 as log2
from .ops import log_softmax as log_softmax
from .ops import logaddexp as logaddexp
from .ops import logaddexp2 as logaddexp2
from .ops import logcumsumexp as logcumsumexp
from .ops import logical_and as logical_and
from .ops import logical_not as logical_not
from .ops import logical_or as logical_or
from .ops import logical_xor as logical_xor
from .ops import logit as logit
from .ops import logsumexp as logsumexp
from .ops import lt as lt
from .ops import masked_fill as masked_fill
from .ops import masked_scatter as masked_scatter
from .ops import masked_select as masked_select
from .ops import matmul as matmul
from .ops import max as max
from .ops import maximum as maximum
from .ops import mean as mean
from .ops import median as median
from .ops import meshgrid as meshgrid
from .ops import min as min
from .ops import minimum as minimum
from .ops import mm as mm
from .ops import mode as mode
from .ops import moveaxis as moveaxis
from .ops import movedim as movedim
from .ops import msort as msort
from .ops import mul as mul
from .ops import multiply as multiply
from .ops import mv as mv
from .ops import nan_to_num as nan_to_num
from .ops import nanmean as nanmean
from .ops import nanmedian as nanmedian
from .ops import nansum as nansum
from .ops import narrow as narrow
from .ops import ne as ne
from .ops import neg as neg
from .ops import negative as negative
from .ops import nextafter as nextafter
from .ops import nonzero as nonzero
from .ops import norm as norm
from .ops import not_equal as not_equal
from .ops import outer as outer
from .ops import permute as permute
from .ops import polar as polar
from .ops import polygamma as polygamma
from .ops import positive as positive
from .ops import pow as pow
from .ops import prelu as prelu
from .ops import prod as prod
from .ops import put as put
from .ops import rad2deg as rad2deg
from .ops import ravel as ravel
from .ops import real as real
from .ops import reciprocal as reciprocal
from .ops import relu as relu
from .ops import remainder as remainder
from .ops import repeat_interleave as repeat_interleave
from .ops import reshape as reshape
from .ops import rms_norm as rms_norm
from .ops import roll as roll
from .ops import rot90 as rot90
from .ops import round as round
from .ops import row_stack as row_stack
from .ops import rsqrt as rsqrt
from .ops import rsub as rsub
from .ops import scatter as scatter
from .ops import scatter_add as scatter_add
from .ops import scatter_reduce as scatter_reduce
from .ops import searchsorted as searchsorted
from .ops import select as select
from .ops import select_scatter as select_scatter
from .ops import sgn as sgn
from .ops import sigmoid as sigmoid
from .ops import sign as sign
from .ops import signbit as signbit
from .ops import sin as sin
from .ops import sinc as sinc
from .ops import sinh as sinh
from .ops import slice_scatter as slice_scatter
from .ops import softmax as softmax
from .ops import sort as sort
from .ops import split as split
from .ops import split_with_sizes as split_with_sizes
from .ops import sqrt as sqrt
from .ops import square as square
from .ops import squeeze as squeeze
from .ops import stack as stack
from .ops import std as std
from .ops import std_mean as std_mean
from .ops import sub as sub
from .ops import subtract as subtract
from .ops import sum as sum
from .ops import swapaxes as swapaxes
from .ops import swapdims as swapdims
from .ops import t as t
from .ops import take as take
from .ops import take_along_dim as take_along_dim
from .ops import tan as tan
from .ops import tanh as tanh
from .ops import tensor_split as tensor_split
from .ops import tensordot as tensordot
from .ops import tile as tile
from .ops import topk as topk
from .ops import trace as trace
from .ops import transpose as transpose
from .ops import tril as tril
from .ops import triu as triu
from .ops import true_divide as true_divide
from .ops import trunc as trunc
from .ops import unbind as unbind
from .ops import unflatten as unflatten
from .ops import unique as unique
from .ops import unique_consecutive as unique_consecutive
from .ops import unsqueeze as unsqueeze
from .ops import var as var
from .ops import var_mean as var_mean
from .ops import vdot as vdot
from .ops import view_as_complex as view_as_complex
from .ops import view_as_real as view_as_real
from .ops import vsplit as vsplit
from .ops import vstack as vstack
from .ops import where as where
from .ops import xlogy as xlogy
BFloat16Tensor: Any
BoolTensor: Any
ByteTensor: Any
CharTensor: Any
ComplexDoubleTensor: Any
ComplexFloatTensor: Any
DoubleTensor: Any
FloatTensor: Any
Generator: Any
HalfTensor: Any
IntTensor: Any
LongTensor: Any
ShortTensor: Any
Size: Any
UInt16Tensor: Any
UInt32Tensor: Any
UInt64Tensor: Any
bfloat16: Dtype
bool: Dtype
cdouble: Dtype
cfloat: Dtype
channels_last: Any
channels_last_3d: Any
complex128: Dtype
complex64: Dtype
contiguous_format: Any
def abs_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def acos_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def acosh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def adaptive_max_pool1d(input: Any, output_size: Any) -> Tensor: ...
def addmv_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def alpha_dropout(input: Any, p: Any, train: Any) -> Tensor: ...
def alpha_dropout_(input: Any, p: Any, train: Any) -> Tensor: ...
def arange(start: Any, end: Any = ..., step: Any = ..., *, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def arccos_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def arccosh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def arcsin_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def arcsinh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def arctan_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def arctanh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def are_deterministic_algorithms_enabled() -> Tensor: ...
def as_strided_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def as_tensor(data: Any, dtype: Dtype | None = ..., device: Any = ...) -> Tensor: ...
def asarray(obj: Any, *, dtype: Dtype | None = ..., device: Any = ..., copy: Any = ..., requires_grad: builtins.bool = ...) -> Tensor: ...
def asin_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def asinh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def atan_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def atanh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def batch_norm(input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: Any, momentum: Any, eps: Any, cudnn_enabled: Any) -> Tensor: ...
def bernoulli(input: Any, p: Any = ..., *, generator: Any = ..., out: Any = ...) -> Tensor: ...
def binary_cross_entropy_with_logits(input: Any, target: Any, weight: Any = ..., pos_weight: Any = ..., reduction: Any = ...) -> Tensor: ...
def can_cast(from_: Any, to: Any) -> builtins.bool: ...
def ceil_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def celu(input: Any, alpha: Any = ...) -> Tensor: ...
def celu_(input: Any, alpha: Any = ...) -> Tensor: ...
def clamp_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def clamp_max_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def clamp_min_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def clip_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def compile(model: Any = ..., *, fullgraph: builtins.bool = ..., dynamic: Any = ..., backend: Any = ..., mode: Any = ..., options: Any = ..., disable: builtins.bool = ...) -> Tensor: ...
def conj_physical_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def cos_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def cosh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def deg2rad_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def detach_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def dropout(input: Any, p: Any, train: Any) -> Tensor: ...
def dropout_(input: Any, p: Any, train: Any) -> Tensor: ...
def embedding(weight: Any, indices: Any, padding_idx: Any = ..., scale_grad_by_freq: builtins.bool = ..., sparse: builtins.bool = ...) -> Tensor: ...
def empty(*size: Any, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ..., memory_format: Any = ..., names: Any = ...) -> Tensor: ...
def empty_like(input: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ..., memory_format: Any = ...) -> Tensor: ...
def empty_strided(size: Any, stride: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def erf_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def erfc_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def exp2_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def exp_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def expm1_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def eye(n: Any, m: Any = ..., *, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def feature_alpha_dropout(input: Any, p: Any, train: Any) -> Tensor: ...
def feature_alpha_dropout_(input: Any, p: Any, train: Any) -> Tensor: ...
def fill_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def fix_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def floor_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def frac_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def from_dlpack(ext_tensor: Any) -> Tensor: ...
def from_numpy(ndarray: Any) -> Tensor: ...
def frombuffer(buffer: Any, *, dtype: Dtype | None, count: Any = ..., offset: Any = ..., requires_grad: builtins.bool = ...) -> Tensor: ...
def full(size: Any, fill_value: Any, *, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def full_like(input: Any, fill_value: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., memory_format: Any = ...) -> Tensor: ...
def gcd_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def get_default_dtype() -> Any: ...
def get_num_interop_threads() -> Tensor: ...
def get_num_threads() -> Tensor: ...
def get_rng_state() -> Tensor: ...
def group_norm(input: Any, num_groups: Any, weight: Any = ..., bias: Any = ..., eps: Any = ..., cudnn_enabled: builtins.bool = ...) -> Tensor: ...
def index_put_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def initial_seed() -> Tensor: ...
def instance_norm(input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, use_input_stats: Any, momentum: Any, eps: Any, cudnn_enabled: Any) -> Tensor: ...
def is_anomaly_check_nan_enabled() -> Tensor: ...
def is_anomaly_enabled() -> Tensor: ...
def is_complex(self: Any) -> builtins.bool: ...
def is_floating_point(self: Any) -> builtins.bool: ...
def is_grad_enabled() -> builtins.bool: ...
def is_inference(self: Any) -> builtins.bool: ...
def is_inference_mode_enabled() -> builtins.bool: ...
def is_same_size(self: Any, other: Tensor | builtins.complex) -> builtins.bool: ...
def is_signed(self: Any) -> builtins.bool: ...
def is_tensor(obj: Any) -> builtins.bool: ...
def kl_div(input: Any, target: Any, reduction: Any = ..., *, log_target: builtins.bool = ...) -> Tensor: ...
def layer_norm(input: Any, normalized_shape: Any, weight: Any = ..., bias: Any = ..., eps: Any = ..., cudnn_enable: builtins.bool = ...) -> Tensor: ...
def lcm_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def ldexp_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def linspace(start: Any, end: Any, steps: Any, *, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def load(f: Any, map_location: Any = ..., pickle_module: Any = ..., *, weights_only: Any = ..., mmap: Any = ..., **pickle_load_args: Any) -> Tensor: ...
def log10_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def log1p_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def log2_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def log_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def logit_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def logspace(start: Any, end: Any, steps: Any, base: Any = ..., *, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def manual_seed(seed: Any) -> Tensor: ...
def max_pool1d(input: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ...) -> Tensor: ...
def max_pool1d_with_indices(input: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ...) -> Tensor: ...
def max_pool2d(input: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ...) -> Tensor: ...
def max_pool3d(input: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ...) -> Tensor: ...
def multinomial(input: Any, num_samples: Any, replacement: builtins.bool = ..., *, generator: Any = ..., out: Any = ...) -> Tensor: ...
def nan_to_num_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def neg_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def negative_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def normal(mean: Any = ..., std: Any = ..., size: Any = ..., *, generator: Any = ..., out: Any = ..., dtype: Dtype | None = ..., device: Any = ..., requires_grad: builtins.bool = ...) -> Tensor: ...
def numel(self: Any) -> builtins.int: ...
def ones(*size: Any, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ..., memory_format: Any = ..., names: Any = ...) -> Tensor: ...
def ones_like(input: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ..., memory_format: Any = ...) -> Tensor: ...
def promote_types(type1: Any, type2: Any) -> Any: ...
def rad2deg_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def rand(*size: Any, generator: Any = ..., out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def rand_like(input: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., memory_format: Any = ...) -> Tensor: ...
def randint(low: Any, high: Any = ..., size: Any = ..., *, generator: Any = ..., out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def randint_like(input: Any, low: Any, high: Any = ..., *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., memory_format: Any = ...) -> Tensor: ...
def randn(*size: Any, generator: Any = ..., out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def randn_like(input: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., memory_format: Any = ...) -> Tensor: ...
def randperm(n: Any, *, generator: Any = ..., out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def reciprocal_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def relu_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def resize_as_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def result_type(tensor1: Any, tensor2: Any) -> Any: ...
def round_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def rsqrt_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def save(obj: Any, f: Any, pickle_module: Any = ..., pickle_protocol: Any = ..., _use_new_zipfile_serialization: builtins.bool = ..., _disable_byteorder_record: builtins.bool = ...) -> Tensor: ...
def scalar_tensor(s: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ...) -> Tensor: ...
def seed() -> Tensor: ...
def selu(input: Any) -> Tensor: ...
def selu_(input: Any) -> Tensor: ...
def set_default_dtype(d: Any) -> None: ...
def set_float32_matmul_precision(precision: Any) -> Tensor: ...
def set_num_interop_threads(num: Any) -> Tensor: ...
def set_num_threads(num: Any) -> Tensor: ...
def set_printoptions(precision: Any = ..., threshold: Any = ..., edgeitems: Any = ..., linewidth: Any = ..., profile: Any = ..., sci_mode: Any = ...) -> Tensor: ...
def set_rng_state(new_state: Any) -> Tensor: ...
def sigmoid_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def sin_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def sinc_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def sinh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def sqrt_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def square_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def tan_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def tanh_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def tensor(data: Any, *, dtype: Dtype | None = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ...) -> Tensor: ...
def threshold(input: Any, threshold: Any, value: Any) -> Tensor: ...
def threshold_(input: Any, threshold: Any, value: Any) -> Tensor: ...
def tril_indices(row: Any, col: Any, offset: Any = ..., *, dtype: Dtype | None = ..., device: Any = ..., layout: Any = ...) -> Tensor: ...
def triu_indices(row: Any, col: Any, offset: Any = ..., *, dtype: Dtype | None = ..., device: Any = ..., layout: Any = ...) -> Tensor: ...
def trunc_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def use_deterministic_algorithms(mode: Any, *, warn_only: builtins.bool = ...) -> Tensor: ...
def vmap(func: Any, in_dims: Any = ..., out_dims: Any = ..., randomness: Any = ..., *, chunk_size: Any = ...) -> Any: ...
def xlogy_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def zero_(input: Any, *args: Any, **kwargs: Any) -> Tensor: ...
def zeros(*size: Any, out: Any = ..., dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ..., memory_format: Any = ..., names: Any = ...) -> Tensor: ...
def zeros_like(input: Any, *, dtype: Dtype | None = ..., layout: Any = ..., device: Any = ..., requires_grad: builtins.bool = ..., pin_memory: builtins.bool = ..., memory_format: Any = ...) -> Tensor: ...
default_generator: Any
device: Any
double: Dtype
e: Any
float16: Dtype
float32: Dtype
float64: Dtype
float: Dtype
half: Dtype
inf: Any
int16: Dtype
int32: Dtype
int64: Dtype
int8: Dtype
int: Dtype
layout: Any
legacy_era: Any
long: Dtype
memory_format: Any
nan: Any
pi: Any
preserve_format: Any
short: Dtype
strided: Any
uint16: Dtype
uint32: Dtype
uint64: Dtype
uint8: Dtype
