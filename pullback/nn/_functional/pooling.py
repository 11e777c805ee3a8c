"""Convolutions and pooling: operations as they are."""

from ... import ops

adaptive_avg_pool1d = ops.adaptive_avg_pool1d
adaptive_avg_pool2d = ops.adaptive_avg_pool2d
adaptive_avg_pool3d = ops.adaptive_avg_pool3d
adaptive_max_pool1d = ops.adaptive_max_pool1d
adaptive_max_pool2d = ops.adaptive_max_pool2d
adaptive_max_pool3d = ops.adaptive_max_pool3d
avg_pool1d = ops.avg_pool1d
avg_pool2d = ops.avg_pool2d
avg_pool3d = ops.avg_pool3d
conv1d = ops.conv1d
conv2d = ops.conv2d
conv3d = ops.conv3d
conv_transpose1d = ops.conv_transpose1d
conv_transpose2d = ops.conv_transpose2d
conv_transpose3d = ops.conv_transpose3d
lp_pool1d = ops.lp_pool1d
lp_pool2d = ops.lp_pool2d
lp_pool3d = ops.lp_pool3d
max_pool1d = ops.max_pool1d
max_pool1d_with_indices = ops.max_pool1d_with_indices
max_pool2d = ops.max_pool2d
max_pool2d_with_indices = ops.max_pool2d_with_indices
max_pool3d = ops.max_pool3d
max_pool3d_with_indices = ops.max_pool3d_with_indices
