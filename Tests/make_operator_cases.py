"""Records what NumPy computes for cases of operators, as independent truth for their reference evaluations.

    python3 Tests/make_operator_cases.py        writes Tests/Fixtures/operators/numpy.json

Nothing but NumPy is needed. The operation that belongs to each case's name stands in
Tests/AssayOperatorsTests/RecordedCases.swift.
"""

import json
import math
import pathlib

import numpy as np

random = np.random.default_rng(20240501)
cases = []


def tensor(array):
    array = np.asarray(array)
    if array.dtype == np.int32:
        kind = "i32"
    else:
        kind = {"f": "f64", "i": "i64", "b": "bool"}[array.dtype.kind]
    # JSON has no NaN and no infinities: they are recorded as texts.
    values = [v if math.isfinite(v) else repr(float(v)) for v in array.astype(np.float64).ravel().tolist()]
    return {"type": kind, "shape": list(array.shape), "values": values}


def record(name, operands, results):
    results = results if isinstance(results, list) else [results]
    operands = [None if o is None else tensor(o) for o in operands]
    cases.append({"name": name, "operands": operands, "results": [tensor(r) for r in results]})


def reals(*shape):
    return random.standard_normal(shape)


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def normalize(x, axes, epsilon):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def normalizations():
    x, gamma, beta = reals(2, 3, 7) * 3 + 100, reals(7), reals(7)
    record("layer normalization", [x, gamma, beta], normalize(x, -1, 1e-3) * gamma + beta)
    gamma = reals(3, 7)
    record("layer normalization, two axes", [x, gamma, None], normalize(x, (1, 2), 1e-5) * gamma)
    gamma = reals(3)
    record("layer normalization, middle axis", [x, gamma], normalize(x, 1, 1e-6) * gamma[:, None])
    scale = reals(7)
    root = np.sqrt(np.mean(x * x, -1, keepdims=True) + 1e-6)
    record("rms normalization", [x, scale], x / root * scale)
    mean, variance, gamma, beta = reals(3), random.random(3), reals(3), reals(3)
    by = (slice(None), None)
    y = (x - mean[by]) / np.sqrt(variance[by] + 1e-3) * gamma[by] + beta[by]
    record("batch normalization", [x, gamma, beta, mean, variance], y)
    x, gamma, beta = reals(2, 5, 3, 6), reals(6), reals(6)
    y = normalize(x.reshape(2, 5, 3, 3, 2), (1, 2, 4), 1e-3).reshape(x.shape) * gamma + beta
    record("group normalization", [x, gamma, beta], y)
    y = normalize(x, (1, 2), 1e-3)
    record("instance normalization", [x], y)
    y = normalize(x.reshape(2, 1, 5, 3, 6), (2, 3, 4), 1e-3).reshape(x.shape)
    record("group normalization, channels first", [x], y)
    record("unit normalization", [x], x / np.sqrt((x * x).sum(-1, keepdims=True)))
    record("softmax", [x], softmax(x, -1))
    record("softmax, two axes", [x], softmax(x, (1, 3)))
    mask = random.random((2, 1, 3, 6)) < 0.6
    mask[0, :, 1] = False
    record("softmax, mask", [x, mask], softmax(np.where(mask, x, -1e9), -1))
    record("log softmax", [x], np.log(softmax(x, 2)))
    z = np.sort(x, -1)[..., ::-1]
    count = np.arange(1, 7)
    size = (1 + count * z > np.cumsum(z, -1)).sum(-1, keepdims=True)
    threshold = (np.take_along_axis(np.cumsum(z, -1), size - 1, -1) - 1) / size
    record("sparsemax", [x], np.maximum(0, x - threshold))


def products():
    for a, b in [((3, 4), (4, 5)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((2, 1, 3, 4), (5, 4, 2)),
                 ((2, 3, 4), (4, 5))]:
        x, y = reals(*a), reals(*b)
        record(f"matmul {list(a)} {list(b)}", [x, y], x @ y)
    x, y = reals(2, 4, 3), reals(2, 5, 4)
    record("matmul, both transposed", [x, y], x.swapaxes(1, 2) @ y.swapaxes(1, 2))
    for equation, *shapes in [
        ("abc,cd->abd", (2, 3, 4), (4, 5)), ("aecd,abcd->acbe", (2, 3, 4, 5), (2, 6, 4, 5)),
        ("acbe,aecd->abcd", (2, 4, 6, 3), (2, 3, 4, 5)), ("...ij,...jk->...ik", (3, 2, 4), (4, 5)),
        ("...ij,jk", (2, 3, 4), (4, 5)), ("ii->i", (4, 4)), ("ij->", (3, 4)), ("abc->cb", (2, 3, 4)),
        ("i,j->ij", (3,), (4,)), ("ab,bc,cd->ad", (2, 3), (3, 4), (4, 5)), ("ba,cb", (3, 2), (4, 3)),
        ("abc,de->ad", (2, 3, 4), (5, 6)), ("a,a->", (7,), (7,)), ("abc,abd->dc", (2, 3, 4), (2, 3, 5)),
    ]:
        operands = [reals(*shape) for shape in shapes]
        record(f"einsum {equation}", operands, np.einsum(equation, *operands))


def movements():
    x = np.arange(120).reshape(4, 5, 6) * 0.5
    for mode in ["constant", "reflect", "symmetric", "edge"]:
        record(f"pad {mode}", [x], np.pad(x, [(2, 1), (0, 3), (1, 1)], mode=mode))
    record("pad and crop", [x], np.pad(x, [(2, 0), (0, 0), (0, 0)], constant_values=1.5)[:, 1:, :-2])
    record("slice backwards", [x], x[::-1, 4:0:-2, -1:-5:-1])
    record("slice", [x], x[1:3, -3:, :100:4])
    record("slice, nothing left", [x], x[3:1])
    record("transpose", [x], x.transpose(2, 0, 1))
    record("tile", [x], np.tile(x, (2, 1, 1, 3)))
    record("repeat", [x], np.repeat(x, 3, 1))
    record("roll", [x], np.roll(x, -7, 1))
    record("take", [x, np.array([[4, -1], [0, 2]])], np.take(x, [[4, -1], [0, 2]], 1))
    indices = random.integers(-5, 5, (4, 2, 6))
    record("take along axis", [x, indices], np.take_along_axis(x, indices, 1))
    record("lower triangle", [x], np.tril(x))
    record("band", [x], np.triu(np.tril(x, 2), -1))
    record("broadcast to", [x[:, :1]], np.broadcast_to(x[:, :1], (3, 4, 5, 6)))
    record("one hot", [np.array([2, 0, 5, -1])], np.vstack([np.eye(6)[[2, 0, 5]], np.zeros(6)]))
    record("stack", [x, x + 1], np.stack([x, x + 1], 1))
    record("split", [x], np.split(x, [1, 3], 1))


def reductions():
    x = reals(3, 4, 5)
    record("cumulative sum", [x], np.cumsum(x, 1))
    back = np.cumsum(x[:, ::-1], 1)[:, ::-1]
    record("cumulative sum, exclusive, reverse", [x], back - x)
    record("variance", [x], x.var((0, 2)))
    record("standard deviation", [x], x.std(1, keepdims=True))
    record("log sum exp", [x * 200], np.logaddexp.reduce(x * 200, 1))
    record("mean", [x], x.mean((0, 1)))
    record("product", [x], x.prod())
    record("l2", [x], np.linalg.norm(x, axis=2))
    ties = np.array([[3, 1, 3], [2, 2, 2], [0, 5, 5]])
    record("argmax", [ties], np.argmax(ties, 1))
    record("argmin", [ties], np.argmin(ties, 0))


def elementwise():
    a = np.array([7, -7, 7, -7, 0, 9, -9])
    b = np.array([3, 3, -3, -3, 5, 3, -3])
    for kind, x, y in [("integers", a, b), ("reals", a * 0.75, b * 0.5)]:
        record(f"floor divide, {kind}", [x, y], np.floor_divide(x, y))
        record(f"modulo, {kind}", [x, y], np.mod(x, y))
        record(f"truncated modulo, {kind}", [x, y], np.fmod(x, y))
    record("arctan2", [a * 0.5, b * 0.25], np.arctan2(a * 0.5, b * 0.25))
    record("power", [np.abs(a) * 0.5, b * 0.25], np.power(np.abs(a) * 0.5, b * 0.25))
    halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, np.inf, np.nan])
    record("round", [halves], np.round(halves))
    record("sign", [halves], np.sign(halves))
    x = np.concatenate([np.linspace(-6, 6, 25), [0.0, 1e-3, -40.0, 40.0, 700.0, -700.0, -800.0]])
    phi = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x])
    record("erf", [x], np.array([math.erf(v) for v in x]))
    with np.errstate(over="ignore"):
        logistic = 1 / (1 + np.exp(-x))
        softplus = np.logaddexp(0, x)
        negative = np.expm1(np.minimum(x, 0))
        record("gelu", [x], x * phi)
        record("gelu, approximate", [x], 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))
        record("sigmoid", [x], logistic)
        record("silu", [x], x * logistic)
        record("softplus", [x], softplus)
        record("log sigmoid", [x], -np.logaddexp(0, -x))
        record("mish", [x], x * np.tanh(softplus))
        record("elu", [x], np.where(x > 0, x, 1.5 * negative))
        record("selu", [x], 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * negative))
        record("celu", [x], np.maximum(0, x) + np.minimum(0, 2 * np.expm1(np.minimum(x, 0) / 2)))
        record("hard sigmoid", [x], np.clip(0.2 * x + 0.5, 0, 1))
        record("hard swish", [x], x * np.clip(x + 3, 0, 6) / 6)
        record("relu, all attributes", [x], np.where(x >= 4, 4, np.where(x >= 0.5, x, 0.1 * (x - 0.5))))
        record("soft shrink", [x], np.sign(x) * np.maximum(np.abs(x) - 0.7, 0))
        record("hard shrink", [x], np.where(np.abs(x) > 0.7, x, 0))
        record("squareplus", [x], (x + np.sqrt(x * x + 4)) / 2)
        record("sparse plus", [x], np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x)))
        record("softsign", [x], x / (1 + np.abs(x)))


normalizations()
products()
movements()
reductions()
elementwise()
target = pathlib.Path(__file__).parent / "Fixtures" / "operators" / "numpy.json"
lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
target.write_text(f'{{"numpy":"{np.__version__}","cases":[\n{lines}\n]}}\n')
print(f"{len(cases)} cases, {target.stat().st_size} bytes")
