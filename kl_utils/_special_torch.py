"""ψ/2 and φ for tensors: each is given its derivative, or autograd would lose digits."""

import torch

from ._arrays import namespace
from ._series import half_psi_formula, phi_formula


class HalfPsi(torch.autograd.Function):
    """ψ(t)/2, with the derivative (eᵗ − 1)/2; the second argument is no variable."""

    @staticmethod
    def forward(ctx, t, rest):
        ctx.save_for_backward(t)
        ctx.save_for_forward(t)
        return half_psi_formula(namespace(t), t, rest)

    @staticmethod
    def backward(ctx, grad):
        (t,) = ctx.saved_tensors
        return 0.5 * grad * torch.expm1(t), None

    @staticmethod
    def jvp(ctx, tangent, _):
        (t,) = ctx.saved_tensors
        return 0.5 * tangent * torch.expm1(t)


class TransformedHalfPsi(HalfPsi):
    """The same for the transforms of torch.func; elsewhere this form is slower."""

    generate_vmap_rule = True

    @staticmethod
    def forward(t, rest):
        return half_psi_formula(namespace(t), t, rest)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])
        ctx.save_for_forward(inputs[0])


class Phi(torch.autograd.Function):
    """φ(s), with the derivative s/(1 + s); the second argument, 1/(1 + s), is no variable."""

    @staticmethod
    def forward(ctx, s, inverse):
        ctx.save_for_backward(s, inverse)
        ctx.save_for_forward(s, inverse)
        return phi_formula(namespace(s), s, inverse)

    @staticmethod
    def backward(ctx, grad):
        s, inverse = ctx.saved_tensors
        return grad * (s * inverse), None

    @staticmethod
    def jvp(ctx, tangent, _):
        s, inverse = ctx.saved_tensors
        return tangent * (s * inverse)


class TransformedPhi(Phi):
    """The same for the transforms of torch.func."""

    generate_vmap_rule = True

    @staticmethod
    def forward(s, inverse):
        return phi_formula(namespace(s), s, inverse)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)


def half_psi(t, rest):
    """ψ(t)/2 of a tensor."""
    return _apply(HalfPsi, TransformedHalfPsi, t, rest)


def phi(s, inverse):
    """φ(s) of a tensor."""
    return _apply(Phi, TransformedPhi, s, inverse)


def _apply(plain, transformed, x, other):
    if torch.compiler.is_compiling():
        return plain.apply(x, other)
    try:
        return plain.apply(x, other)
    except RuntimeError:  # torch says so inside a transform
        return transformed.apply(x, other)
