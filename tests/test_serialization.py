"""`save` and `load`: what goes in comes out; broken and hostile files are refused with words."""

import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

import pullback as torch
from pullback import nn
from pullback.serialization import add_safe_globals, clear_safe_globals, get_safe_globals, load, safe_globals, save

DTYPES = [
    *("float16", "float32", "float64", "complex64", "complex128", "bool"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
]


def _through(obj, **options):
    file = io.BytesIO()
    save(obj, file)
    file.seek(0)
    return load(file, **options)


class Custom:
    """An object that only trusted files may hold."""

    def __init__(self):
        self.value = torch.ones(2)


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    t = torch.tensor([[0, 1, 2], [3, 4, 5]]).to(getattr(torch, dtype))
    back = _through(t)
    assert back.dtype == t.dtype
    assert back.tolist() == t.tolist()


def test_bfloat16():
    pytest.importorskip("ml_dtypes", reason="bfloat16 needs ml_dtypes")
    t = torch.tensor([1.5, -2.0]).to(torch.bfloat16)
    back = _through(t)
    assert back.dtype == torch.bfloat16
    assert back.tolist() == [1.5, -2.0]


def test_containers():
    t = torch.arange(3.0)
    obj = {
        "t": t,
        "list": [t + 1, (t, None)],
        "plain": (1, 2.5, "text", True, b"bytes", {3}, 1 + 2j),
        "ordered": OrderedDict(a=t),
        "size": t.shape,
        "dtype": torch.float64,
        "device": torch.device("cpu"),
        "nested": {"x": {"y": [torch.zeros(0, 3), torch.tensor(7)]}},
    }
    back = _through(obj)
    assert back.keys() == obj.keys()
    assert back["plain"] == obj["plain"]
    assert type(back["ordered"]) is OrderedDict
    assert back["size"] == t.shape and type(back["size"]) is torch.Size
    assert back["dtype"] is torch.float64
    assert back["device"] == torch.device("cpu")
    assert back["nested"]["x"]["y"][0].shape == (0, 3)
    assert back["nested"]["x"]["y"][1].item() == 7
    assert back["list"][0].tolist() == [1.0, 2.0, 3.0]


def test_flags():
    leaf = torch.ones(2, requires_grad=True)
    back = _through({"leaf": leaf, "computed": leaf * 2, "plain": torch.ones(2), "parameter": nn.Parameter(leaf)})
    assert back["leaf"].requires_grad and back["leaf"].is_leaf
    assert back["computed"].requires_grad and back["computed"].is_leaf
    assert not back["plain"].requires_grad
    assert type(back["parameter"]) is nn.Parameter and back["parameter"].requires_grad


def test_same_object_stays_one():
    t = torch.ones(3)
    back = _through([t, t])
    assert back[0] is back[1]


def test_shared_memory_stays_shared():
    base = torch.arange(12.0).reshape(3, 4)
    back = _through({"base": base, "row": base[1], "column": base[:, 2], "t": base.t()})
    back["base"][1, 2] = 100.0
    assert back["row"][2].item() == 100.0
    assert back["column"][1].item() == 100.0
    assert back["t"][2, 1].item() == 100.0
    assert back["t"].stride() == (1, 4)


def test_result_is_writable_and_apart_from_the_source():
    t = torch.zeros(3)
    back = _through(t)
    back += 1
    assert back.tolist() == [1.0, 1.0, 1.0] and t.tolist() == [0.0, 0.0, 0.0]


def test_strides_over_foreign_memory():
    array = np.arange(24.0).reshape(4, 6)[::2, ::3]
    assert _through(torch.from_numpy(array)).tolist() == array.tolist()


def test_nan_and_infinity():
    back = _through(torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0]))
    np.testing.assert_array_equal(back.numpy(), [np.nan, np.inf, -np.inf, -0.0])
    assert np.signbit(back.numpy()[3])


def test_state_dict_keeps_its_metadata():
    state = nn.BatchNorm1d(3).state_dict()
    back = _through(state)
    assert list(back) == list(state)
    assert back._metadata == state._metadata
    nn.BatchNorm1d(3).load_state_dict(back)


def test_paths(tmp_path):
    path = tmp_path / "model.pt"
    save({"x": torch.ones(2)}, path)
    assert load(str(path))["x"].tolist() == [1.0, 1.0]
    assert {name.split("/")[0] for name in zipfile.ZipFile(path).namelist()} == {"model"}
    assert os.listdir(tmp_path) == ["model.pt"]


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "model.pt"
    save(torch.ones(2), path)
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        save({"x": torch.zeros(2), "no": lambda: 0}, path)
    assert load(path).tolist() == [1.0, 1.0]
    assert os.listdir(tmp_path) == ["model.pt"]


def test_data_is_aligned():
    file = io.BytesIO()
    save({"a": torch.ones(3), "b": torch.ones(5), "c": torch.tensor(1)}, file)
    data = file.getvalue()
    for info in zipfile.ZipFile(file).infolist():
        name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
        assert (info.header_offset + 30 + name + extra) % 64 == 0, info.filename


def test_mmap(tmp_path):
    path = tmp_path / "model.pt"
    save({"x": torch.arange(1000.0), "none": torch.zeros(0)}, path)
    back = load(path, mmap=True)
    assert back["x"].sum().item() == 499500.0
    back["x"][0] = 5.0  # stays in memory
    assert load(path)["x"][0].item() == 0.0
    with pytest.raises(ValueError, match="f must be a file path in order to use the mmap argument"):
        load(io.BytesIO(path.read_bytes()), mmap=True)


@pytest.mark.parametrize("where", ["cpu", torch.device("cpu"), {"cuda:0": "cpu"}, lambda storage, location: storage])
def test_map_location(where):
    assert _through(torch.ones(2), map_location=where).tolist() == [1.0, 1.0]


def test_map_location_of_a_gpu():
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
        _through(torch.ones(2), map_location="cuda")


def test_empty_file():
    with pytest.raises(EOFError, match="empty"):
        load(io.BytesIO())


def _archive():
    file = io.BytesIO()
    save({"x": torch.arange(100.0), "y": torch.ones(3, 3)}, file)
    return file.getvalue()


@pytest.mark.parametrize("length", [10, 100, 400, 700, -60, -10, -1])
def test_truncated(length):
    with pytest.raises(RuntimeError, match="PytorchStreamReader failed reading zip archive"):
        load(io.BytesIO(_archive()[:length]))


def test_flipped_bytes_are_found_or_harmless():
    data = _archive()
    for position in range(0, len(data), 37):
        broken = bytearray(data)
        broken[position] ^= 0x55
        try:
            load(io.BytesIO(bytes(broken)))
        except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
            assert str(error)


def test_not_an_archive():
    with pytest.raises(RuntimeError, match="not a zip archive"):
        load(io.BytesIO(b"hello world"))
    with pytest.raises(RuntimeError, match="data.pkl"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("a", "b")
        load(io.BytesIO(file.getvalue()))


def test_bad_targets(tmp_path):
    with pytest.raises(RuntimeError, match=r"Parent directory .*nowhere does not exist\."):
        save(1, tmp_path / "nowhere" / "x.pt")
    with pytest.raises(AttributeError, match="expected 'f' to be string, path, or a file-like object with a 'write'"):
        save(1, 3)
    with pytest.raises(AttributeError, match="'int' object has no attribute 'seek'"):
        load(3)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "no.pt")


def test_other_objects_need_trust():
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        _through(Custom())
    assert _through(Custom(), weights_only=False).value.tolist() == [1.0, 1.0]
    with safe_globals([Custom]):
        assert get_safe_globals() == [Custom]
        assert _through(Custom()).value.tolist() == [1.0, 1.0]
    assert get_safe_globals() == []
    add_safe_globals([Custom])
    try:
        assert _through(Custom()).value.tolist() == [1.0, 1.0]
    finally:
        clear_safe_globals()


def test_whole_modules():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.BatchNorm1d(3))
    back = _through(model, weights_only=False)
    assert repr(back) == repr(model)
    assert back[0].weight.tolist() == model[0].weight.tolist()
    assert type(back[0].weight) is nn.Parameter


def _crafted(pickled):
    file = io.BytesIO(_archive())
    crafted = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(crafted, "w") as target:
        for name in source.namelist():
            target.writestr(name, pickled if name.endswith("data.pkl") else source.read(name))
    return io.BytesIO(crafted.getvalue())


TENSOR = (
    b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
    b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x64tQ"
)


@pytest.mark.parametrize(
    "pickled",
    [
        b"cos\nsystem\n(X\x04\x00\x00\x00truetR.",
        b"cbuiltins\neval\n(X\x03\x00\x00\x001+1tR.",
        b"cpullback.nn\nLinear\n(K\x01K\x01tR.",
        b"\x80\x02ctorch\nSize\n}X\x01\x00\x00\x00aK\x01sb.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x00K\x00))\x89NtR.",
        b"\x80\x02" + TENSOR + b"K\x00K\x65\x85K\x01\x85\x89NtR.",
        b"\x80\x02" + TENSOR + b"K\x00K\x0a\x85K\x64\x85\x89NtR.",
        b"\x80\x02" + TENSOR + b"J\xff\xff\xff\xffK\x0a\x85K\x01\x85\x89NtR.",
        b"\x80\x02",
        b".",
        b"garbage",
    ],
)
def test_hostile_files(pickled):
    with pytest.raises((RuntimeError, pickle.UnpicklingError)):
        load(_crafted(pickled))


def test_a_tensor_beyond_its_storage():
    with pytest.raises(RuntimeError, match="requiring a storage size of 404 are out of bounds for storage of size 400"):
        load(_crafted(b"\x80\x02" + TENSOR + b"K\x00K\x65\x85K\x01\x85\x89NtR."))
