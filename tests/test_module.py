"""`nn.Module`: registration, traversal, state, conversion, hooks, containers."""

import copy
import pickle
import warnings
from collections import OrderedDict

import numpy as np
import pytest

import pullback as torch
from pullback import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Linear(4, 2, bias=False)
        self.scale = nn.Parameter(torch.ones(2))
        self.register_buffer("count", torch.zeros(1))
        self.register_buffer("scratch", torch.zeros(1), persistent=False)
        self.register_parameter("nothing", None)
        self.plain = 3

    def forward(self, x, factor=1.0):
        return self.second(self.first(x)) * self.scale * factor


NAMES = ["scale", "first.weight", "first.bias", "second.weight"]


def test_registration():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [name for name, _ in net.named_buffers()] == ["count", "scratch"]
    assert [name for name, _ in net.named_children()] == ["first", "second"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "second"]
    assert list(net.state_dict()) == ["scale", "count", "first.weight", "first.bias", "second.weight"]
    assert net.scale is dict(net.named_parameters())["scale"]
    assert {"first", "scale", "count", "plain", "forward"} <= set(dir(net))
    assert [name for name, _ in net.named_parameters(prefix="p", recurse=False)] == ["p.scale"]


def test_shared_members_are_listed_once():
    net = Net()
    net.again = net.first
    assert len(list(net.parameters())) == 4
    assert len(list(net.named_parameters(remove_duplicate=False))) == 6
    assert [name for name, _ in net.named_modules(remove_duplicate=False)] == ["", "first", "second", "again"]
    assert len(net.state_dict()) == 7
    net.tied = net.scale
    assert [name for name, _ in net.named_parameters()] == NAMES


def test_replacing_and_deleting():
    net = Net()
    net.plain = nn.Linear(1, 1)
    assert "plain" in net._modules and "plain" not in net.__dict__
    net.scale = nn.Parameter(torch.zeros(2))
    assert net.scale.tolist() == [0.0, 0.0]
    net.scale = None
    assert net.scale is None and "scale" not in net.state_dict()
    net.count = torch.ones(1)
    assert net.count.tolist() == [1.0]
    del net.first
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'first'"):
        net.first
    net.tag = nn.Buffer(torch.ones(2), persistent=False)
    assert "tag" in net._buffers and "tag" not in net.state_dict()


class Early(nn.Module):
    """Assigns before `Module.__init__`."""

    def __init__(self, value):
        self.member = value


ERRORS = [
    (lambda: Early(nn.Parameter(torch.ones(1))), AttributeError, "cannot assign parameters before Module.__init__() call"),
    (lambda: Early(nn.ReLU()), AttributeError, "cannot assign module before Module.__init__() call"),
    (lambda: Early(1)(2), AttributeError, "'Early' object has no attribute '_"),
    (lambda: setattr(Net(), "scale", 3), TypeError, "cannot assign 'int' as parameter 'scale' (torch.nn.Parameter or None"),
    (lambda: setattr(Net(), "scale", torch.ones(2)), TypeError, "cannot assign 'torch.FloatTensor' as parameter 'scale'"),
    (lambda: setattr(Net(), "first", 3), TypeError, "cannot assign 'int' as child module 'first' (torch.nn.Module or None"),
    (lambda: setattr(Net(), "count", 3), TypeError, "cannot assign 'int' as buffer 'count' (torch.nn.Buffer, torch.Tensor"),
    (lambda: Net().register_parameter("a.b", None), KeyError, """parameter name can't contain"""),
    (lambda: Net().register_parameter("", None), KeyError, "parameter name can't be empty string"),
    (lambda: Net().register_parameter(3, None), TypeError, "parameter name should be a string. Got int"),
    (lambda: Net().register_parameter("plain", None), KeyError, "attribute 'plain' already exists"),
    (lambda: Net().register_parameter("p", torch.ones(1)), TypeError, "cannot assign 'torch.FloatTensor' object to parameter"),
    (lambda: Net().register_buffer("a.b", None), KeyError, "buffer name can't contain"),
    (lambda: Net().register_buffer("b", 3), TypeError, "cannot assign 'int' object to buffer 'b' (torch Tensor or None"),
    (lambda: Net().register_buffer("first", None), KeyError, "attribute 'first' already exists"),
    (lambda: Net().add_module("a", 3), TypeError, "int is not a Module subclass"),
    (lambda: Net().add_module("a.b", nn.ReLU()), KeyError, "module name can't contain"),
    (lambda: Net().add_module("plain", nn.ReLU()), KeyError, "attribute 'plain' already exists"),
    (lambda: nn.Module(3), TypeError, "Module.__init__() takes 1 positional argument but 2 were given"),
    (lambda: nn.Module(a=3), TypeError, "Module.__init__() got an unexpected keyword argument 'a'"),
    (lambda: nn.Module()(1), NotImplementedError, 'Module [Module] is missing the required "forward" function'),
    (lambda: Net().get_submodule("first.third"), AttributeError, "Linear has no attribute `third`"),
    (lambda: Net().get_submodule("plain"), AttributeError, "`plain` is not an nn.Module"),
    (lambda: Net().get_parameter("first.in_features"), AttributeError, "`in_features` is not an nn.Parameter"),
    (lambda: Net().get_buffer("scale"), AttributeError, "`scale` is not a buffer"),
    (lambda: Net().train(1), ValueError, "training mode is expected to be boolean"),
    (lambda: Net().to(torch.int32), TypeError, "nn.Module.to only accepts floating point or complex dtypes, but got"),
    (lambda: Net().cuda(), AssertionError, "Torch not compiled with CUDA enabled"),
    (lambda: Net().to("cuda"), AssertionError, "Torch not compiled with CUDA enabled"),
    (lambda: Net().load_state_dict([1]), TypeError, "Expected state_dict to be dict-like, got <class 'list'>."),
    (lambda: nn.Parameter(torch.ones(2, dtype=torch.int64)), RuntimeError, "Only Tensors of floating point and complex dtype"),
    (lambda: nn.Parameter([1.0]), AttributeError, "'list' object has no attribute 'detach'"),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS)
def test_errors(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value.args[0])


def test_paths():
    net = Net()
    assert net.get_submodule("") is net and net.get_submodule("first") is net.first
    assert net.get_parameter("first.weight") is net.first.weight
    assert net.get_buffer("count") is net.count
    net.set_submodule("first", nn.Identity())
    assert type(net.first) is nn.Identity


def test_load_state_dict():
    source, target = Net(), Net()
    result = target.load_state_dict(source.state_dict())
    assert repr(result) == "<All keys matched successfully>" and result == ([], [])
    assert all(a.tolist() == b.tolist() for a, b in zip(source.parameters(), target.parameters(), strict=True))
    assert target.first.weight is not source.first.weight


def test_the_report_has_everything():
    state = Net().state_dict()
    del state["second.weight"]
    state["first.extra"] = torch.ones(1)
    state["other"] = torch.ones(1)
    state["scale"] = torch.ones(3)
    state["first.bias"] = 7
    net = Net()
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    lines = str(caught.value).split("\n\t")
    assert lines == [
        "Error(s) in loading state_dict for Net:",
        'Missing key(s) in state_dict: "second.weight". ',
        'Unexpected key(s) in state_dict: "other", "first.extra". ',
        "size mismatch for scale: copying a param with shape torch.Size([3]) from checkpoint, the shape in current model "
        "is torch.Size([2]).",
        'While copying the parameter named "first.bias", expected torch.Tensor or Tensor-like object from checkpoint but '
        "received <class 'int'>",
    ]
    assert net.first.weight.tolist() == state["first.weight"].tolist()
    assert net.scale.tolist() == [1.0, 1.0]


def test_loading_loosely():
    net = Net()
    result = net.load_state_dict({"scale": torch.zeros(2), "x": torch.ones(1)}, strict=False)
    assert result.missing_keys == ["count", "first.weight", "first.bias", "second.weight"]
    assert result.unexpected_keys == ["x"]
    assert net.scale.tolist() == [0.0, 0.0]


def test_loading_by_assignment():
    source, target = Net(), Net()
    state = source.state_dict()
    target.load_state_dict(state, assign=True)
    assert type(target.scale) is nn.Parameter and target.scale.requires_grad
    target.scale.data.zero_()
    assert source.scale.tolist() == [0.0, 0.0]


def test_loading_converts_the_dtype_and_keeps_the_flags():
    net = Net()
    net.scale.requires_grad_(False)
    net.load_state_dict(Net().double().state_dict())
    assert net.scale.dtype == torch.float32 and not net.scale.requires_grad
    assert net.first.weight.requires_grad and net.first.weight.is_leaf


def test_old_scalars():
    module = nn.Module()
    module.register_buffer("n", torch.tensor(0.0))
    module.load_state_dict({"n": torch.tensor([5.0])})
    assert module.n.item() == 5.0


class Versioned(nn.Module):
    _version = 3

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.seen = None

    def get_extra_state(self):
        return {"note": 7}

    def set_extra_state(self, state):
        self.seen = state

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
        self.version_seen = local_metadata.get("version")
        if prefix + "old" in state_dict:
            state_dict[prefix + "weight"] = state_dict.pop(prefix + "old")
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)


def test_overrides():
    outer = nn.Sequential(Versioned())
    state = outer.state_dict()
    assert state["0._extra_state"] == {"note": 7}
    assert state._metadata == {"": {"version": 1}, "0": {"version": 3}}
    state["0.old"] = state.pop("0.weight") * 5
    outer.load_state_dict(state)
    assert outer[0].weight.item() == 5.0 and outer[0].seen == {"note": 7} and outer[0].version_seen == 3


def test_state_dict_hooks():
    net, calls = Net(), []
    net.register_state_dict_pre_hook(lambda module, prefix, keep_vars: calls.append(("pre", prefix, keep_vars)))

    def post(module, state, prefix, metadata):
        state["added"] = 1

    handle = net.register_state_dict_post_hook(post)
    assert net.state_dict(keep_vars=True)["added"] == 1
    assert calls == [("pre", "", True)]
    handle.remove()
    assert "added" not in net.state_dict()
    net._register_state_dict_hook(lambda module, state, prefix, metadata: OrderedDict(replaced=True))
    assert net.state_dict() == {"replaced": True}


def test_loading_hooks():
    net, calls = Net(), []
    state = net.state_dict()

    def before(module, state_dict, prefix, metadata, strict, missing, unexpected, errors):
        calls.append(module)
        state_dict.pop("junk", None)

    def after(module, incompatible):
        incompatible.missing_keys.clear()

    net.register_load_state_dict_pre_hook(before)
    net.register_load_state_dict_post_hook(after)
    state["junk"] = 1
    del state["scale"]
    net.load_state_dict(state)
    assert calls == [net]
    again = copy.deepcopy(net)
    again.load_state_dict(state)
    assert calls[-1] is again


def test_positional_state_dict_arguments_warn():
    destination = OrderedDict()
    with pytest.warns(FutureWarning, match="Positional args are being deprecated"):
        nn.Linear(1, 1).state_dict(destination, "p.")
    assert list(destination) == ["p.weight", "p.bias"]


def test_conversion():
    net = Net()
    net.register_buffer("index", torch.tensor([1]))
    weight, loss = net.first.weight, net(torch.ones(1, 3)).sum()
    loss.backward()
    assert net.double() is net
    assert net.first.weight is weight and weight.dtype == torch.float64 and weight.grad.dtype == torch.float64
    assert net.count.dtype == torch.float64 and net.index.dtype == torch.int64
    assert net.to(torch.float32).scale.dtype == torch.float32
    assert net.to("cpu", torch.float64, True).scale.dtype == torch.float64
    assert net.to(torch.ones(1)).scale.dtype == torch.float32
    assert net.to(dtype=torch.float16).scale.dtype == torch.float16
    assert net.half().float().cpu().scale.dtype == torch.float32
    assert net.to(device="cpu").scale.dtype == torch.float32
    with pytest.raises(TypeError):
        net.to(1.5)
    with pytest.warns(UserWarning, match="Complex modules are a new feature"):
        net.to(torch.complex64)


def test_modes_and_flags():
    net = nn.Sequential(Net(), nn.Dropout())
    assert net.training and net[0].first.training
    assert net.eval() is net and not net[1].training and not net[0].first.training
    net.train()
    assert net.requires_grad_(False) is net and not any(p.requires_grad for p in net.parameters())
    net.requires_grad_()
    net[0](torch.ones(1, 3)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net[0].scale.grad.tolist() == [0.0, 0.0]
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    seen = []
    assert net.apply(seen.append) is net
    assert seen[-1] is net and len(seen) == 5


def test_forward_hooks():
    net, calls = nn.Linear(2, 2), []

    def pre(module, args):
        calls.append("pre")
        return args[0] + 1

    def post(module, args, output):
        calls.append(("post", args[0].tolist()))
        return output * 0

    first, second = net.register_forward_pre_hook(pre), net.register_forward_hook(post)
    assert net(torch.zeros(1, 2)).tolist() == [[0.0, 0.0]]
    assert calls == ["pre", ("post", [[1.0, 1.0]])]
    first.remove()
    second.remove()
    assert net(torch.zeros(1, 2)).tolist() == [net.bias.tolist()] and len(calls) == 2


def test_hooks_with_keywords_and_order():
    net, order = Net(), []
    net.register_forward_pre_hook(lambda m, args: order.append("b"))
    net.register_forward_pre_hook(lambda m, args: order.append("a"), prepend=True)
    net.register_forward_pre_hook(lambda m, args, kw: (args, {"factor": 0.0}), with_kwargs=True)
    net.register_forward_hook(lambda m, args, kw, out: order.append(kw), with_kwargs=True)
    assert net(torch.ones(1, 3), factor=2.0).tolist() == [[0.0, 0.0]]
    assert order == ["a", "b", {"factor": 0.0}]
    net.register_forward_pre_hook(lambda m, args, kw: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple"):
        net(torch.ones(1, 3))


def test_hooks_that_are_always_called():
    net, calls = nn.Linear(2, 2), []
    net.register_forward_hook(lambda m, args, out: calls.append(out), always_call=True)
    net.register_forward_hook(lambda m, args, out: calls.append("not"))
    with pytest.raises(RuntimeError):
        net(torch.ones(1, 3))
    assert calls == [None]

    def bad(module, args, output):
        raise ValueError("again")

    net.register_forward_hook(bad, always_call=True)
    with pytest.warns(UserWarning, match="silenced as another error was raised in forward: again"), pytest.raises(RuntimeError):
        net(torch.ones(1, 3))


def test_handles_in_a_block():
    net, calls = nn.Identity(), []
    with net.register_forward_hook(lambda m, args, out: calls.append(1)):
        net(1)
    net(1)
    assert calls == [1]


def test_repr():
    net = nn.Sequential(OrderedDict(a=nn.Linear(1, 2), b=nn.Sequential(nn.ReLU(inplace=True))))
    assert repr(net) == (
        "Sequential(\n  (a): Linear(in_features=1, out_features=2, bias=True)\n  (b): Sequential(\n    (0): ReLU(inplace=True)"
        "\n  )\n)"
    )
    assert repr(nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Tanh()])) == (
        "ModuleList(\n  (0-1): 2 x ReLU()\n  (2): Tanh()\n)"
    )


def test_copying_and_pickling():
    net = Net()
    net.register_forward_hook(_double)
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert type(other.scale) is nn.Parameter and other.scale is not net.scale
        assert other.first.weight.tolist() == net.first.weight.tolist()
        assert other(torch.ones(1, 3)).tolist() == net(torch.ones(1, 3)).tolist()
        other.scale.data.zero_()
        assert net.scale.tolist() == [1.0, 1.0]


def _double(module, args, output):
    return output * 2


def test_parameters():
    source = torch.ones(2)
    p = nn.Parameter(source)
    assert p.requires_grad and p.is_leaf and isinstance(p, torch.Tensor)
    p.data.zero_()
    assert source.tolist() == [0.0, 0.0]
    assert repr(p) == "Parameter containing:\ntensor([0., 0.], requires_grad=True)"
    assert nn.Parameter(torch.ones(1, requires_grad=True) * 2).grad_fn is None
    assert not nn.Parameter(torch.ones(2, dtype=torch.int64), requires_grad=False).requires_grad
    assert type(p * 1) is torch.Tensor
    with torch.no_grad():
        assert nn.Parameter(torch.ones(1)).requires_grad
    tied = copy.deepcopy([p, p])
    assert tied[0] is tied[1] and type(tied[0]) is nn.Parameter
    back = pickle.loads(pickle.dumps(p))
    assert type(back) is nn.Parameter and back.tolist() == p.tolist() and back.requires_grad
    assert nn.Parameter().shape == (0,)


def test_sequential():
    net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    assert len(net) == 3 and type(net[-1]) is nn.Linear and type(net[:2]) is nn.Sequential and len(net[1:]) == 2
    net[1] = nn.Tanh()
    del net[0]
    assert [name for name, _ in net.named_children()] == ["0", "1"]
    assert len(net + net) == 4 and len(net * 2) == 4
    net.append(nn.Sigmoid()).insert(0, nn.Identity())
    assert [type(m).__name__ for m in net] == ["Identity", "Tanh", "Linear", "Sigmoid"]
    assert type(net.pop(1)) is nn.Tanh and len(net) == 3
    net.extend([nn.ReLU()])
    with pytest.raises(IndexError, match="index 9 is out of range"):
        net[9]
    with pytest.raises(ValueError, match="Non-positive multiplication factor"):
        net * 0
    with pytest.raises(ValueError, match="add operator supports only objects of Sequential class"):
        net + [nn.ReLU()]


def test_module_list_and_dict():
    modules = nn.ModuleList(nn.Linear(1, i) for i in (1, 2, 3))
    assert [m.out_features for m in modules] == [1, 2, 3] and modules[-1].out_features == 3
    modules.append(nn.ReLU())
    modules.insert(0, nn.Tanh())
    modules += [nn.Identity()]
    assert len(modules) == 6 and type(modules[1:3]) is nn.ModuleList
    del modules[0]
    assert type(modules.pop(-1)) is nn.Identity and list(modules._modules) == ["0", "1", "2", "3"]
    with pytest.raises(IndexError, match="index 4 is out of range"):
        modules[4]
    with pytest.raises(TypeError, match="ModuleList.extend should be called with an iterable, but got int"):
        modules.extend(3)
    with pytest.raises(NotImplementedError, match='Module \\[ModuleList\\] is missing the required "forward" function'):
        modules(1)
    table = nn.ModuleDict({"a": nn.ReLU()})
    table.update([("b", nn.Tanh())])
    table["c"] = nn.Linear(1, 1)
    assert list(table) == ["a", "b", "c"] and "b" in table and len(table) == 3
    assert type(table.pop("b")) is nn.Tanh and [name for name, _ in table.items()] == ["a", "c"]
    with pytest.raises(TypeError, match="ModuleDict.update should be called with an iterable of key/value pairs"):
        table.update(3)
    with pytest.raises(ValueError, match="ModuleDict update sequence element #0 has length 1; 2 is required"):
        table.update([["a"]])


def test_parameter_list_and_dict():
    params = nn.ParameterList([torch.ones(2), nn.Parameter(torch.ones(3)), "text"])
    params.append(torch.zeros(1))
    assert len(params) == 4 and len(list(params.parameters())) == 3 and params[2] == "text"
    assert repr(params).startswith("ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2]")
    assert [tuple(p.shape) for p in params[:2]] == [(2,), (3,)]
    with pytest.raises(RuntimeError, match=r"ParameterList should not be called\."):
        params(1)
    table = nn.ParameterDict({"b": torch.ones(1), "a": torch.zeros(2)})
    assert list(table) == ["a", "b"] and set(table.state_dict()) == {"a", "b"}
    table["c"] = 5
    assert table.get("c") == 5 and table.pop("c") == 5 and "c" not in table
    assert "(a): Parameter containing: [torch.FloatTensor of size 2]" in repr(table)
    assert list(table | {"z": torch.ones(1)}) == ["a", "b", "z"]
    assert table.popitem()[0] == "b" and len(table) == 1
    with pytest.raises(TypeError, match="cannot be used as a key as it is not a string"):
        table[3] = torch.ones(1)


def test_no_warnings_in_ordinary_use():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = Net()
        net(torch.ones(2, 3)).sum().backward()
        net.load_state_dict(copy.deepcopy(net).state_dict())
        repr(net)


class Pair(nn.Module):
    def forward(self, x, y):
        return x * y, x + y


def test_backward_hooks():
    module, calls = Pair(), []
    module.register_full_backward_pre_hook(lambda m, go: calls.append([g.tolist() for g in go]))
    module.register_full_backward_hook(lambda m, gi, go: calls.append([g.tolist() for g in gi]))
    x, y = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True)
    a, b = module(x, y)
    (a.sum() + 2 * b.sum()).backward()
    assert calls == [[[1.0, 1.0], [2.0, 2.0]], [[5.0, 6.0], [3.0, 4.0]]]
    assert x.grad.tolist() == [5.0, 6.0] and y.grad.tolist() == [3.0, 4.0]


def test_backward_hooks_change_gradients():
    layer = nn.Linear(2, 2)
    handle = layer.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10,))
    layer.register_full_backward_pre_hook(lambda m, go: go[0] * 2)
    x = torch.ones(1, 2, requires_grad=True)
    layer(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 20 * layer.weight.detach().numpy().sum(0, keepdims=True), rtol=1e-6)
    assert layer.bias.grad.tolist() == [2.0, 2.0]
    handle.remove()
    with torch.no_grad():
        layer(x)


def test_backward_hooks_that_cannot_work_say_so():
    module = nn.Tanh()
    module.register_full_backward_hook(lambda m, gi, go: None)
    with pytest.warns(UserWarning, match="no inputs require gradients"):
        layer = nn.Linear(2, 2)
        layer.register_full_backward_hook(lambda m, gi, go: None)
        layer(torch.ones(1, 2)).sum().backward()

    class Listed(nn.Module):
        def forward(self, x):
            return [x]

    listed = Listed()
    listed.register_full_backward_hook(lambda m, gi, go: None)
    with pytest.warns(UserWarning, match="module output should be a Tensor or a tuple of Tensors but received"):
        listed(torch.ones(1, requires_grad=True))
    bad = nn.Tanh()
    bad.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    with pytest.raises(RuntimeError, match="Backward hook returned an invalid number of grad_input, got 2, but expected 1"):
        bad(torch.ones(1, requires_grad=True)).backward()
