"""Which mathematics in a reason may reach the page.

Reasons hold LaTeX between dollar signs, typed by anybody. It is set as mathematics where it
consists of the commands below and is complete, so that no renderer stumbles over it; anything else
is shown as the text that it is.
"""

import re


def _listed(names):
    return frozenset(names.split())


_SYMBOLS = _listed("""
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi
varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
cdot cdots ldots vdots ddots times div pm mp ast star circ bullet odot oplus otimes setminus
cup cap vee wedge land lor neg lnot
le leq ge geq lt gt ne neq approx equiv sim simeq cong propto ll gg prec succ preceq succeq perp
parallel mid in notin ni subset supset subseteq supseteq vdash models
to gets mapsto leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow uparrow
downarrow longrightarrow longleftarrow implies iff hookrightarrow
forall exists nexists emptyset varnothing infty partial nabla hbar ell Re Im aleph prime top bot
dagger angle triangle square checkmark therefore because
lVert rVert lvert rvert Vert vert langle rangle lfloor rfloor lceil rceil lbrace rbrace
quad qquad colon
""")
# Never an argument without braces: some renderers want them.
_OPERATORS = _listed("""
dots log ln exp det dim ker min max inf sup lim arg sin cos tan sinh cosh tanh Pr deg gcd
sum prod int iint oint bigcup bigcap bigoplus bigotimes
""")
_OF_ONE = _listed("""
mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak boldsymbol operatorname
hat widehat tilde widetilde bar overline underline vec dot ddot acute grave check breve
overbrace underbrace sqrt
""")
_OF_TWO = _listed("frac tfrac dfrac binom tbinom overset underset stackrel")
_DELIMITED = _listed(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm"
)
_PUNCTUATION = frozenset(",;:! |{}")  # after a backslash

_ARGUMENTS = dict.fromkeys([*_SYMBOLS, *_OPERATORS, *_PUNCTUATION], 0)
_ARGUMENTS |= dict.fromkeys(_OF_ONE, 1) | dict.fromkeys(_OF_TWO, 2)
_DELIMITERS = {*"()[]|/.", r"\{", r"\}", r"\|", r"\lfloor", r"\rfloor", r"\lceil", r"\rceil"}
_DELIMITERS |= {rf"\{name}" for name in _SYMBOLS if re.match("[lr]?[vV]ert$|[lr]angle$", name)}
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_DEEPEST = 8


def is_harmless(tex):
    """Is this mathematics of known commands, with all their arguments and brackets?"""
    tokens = [token for token in _TOKEN.findall(tex) if not token.isspace()]
    try:
        _Reader(tokens[::-1]).read_list(end=None)
    except _Unknown:
        return False
    return True


def harmless(tex):
    """Mathematics that is harmless, also where a page would take ``a<b`` for the start of a tag."""
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\lt ", tex)


class _Unknown(Exception):
    """Something that a renderer may stumble over."""


class _Reader:
    """Reads tokens from a stack, the next one on top."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.depth = 0

    def next(self):
        return self.tokens[-1] if self.tokens else None

    def take(self):
        if not self.tokens:
            raise _Unknown
        return self.tokens.pop()

    def read_list(self, end):
        """Terms up to a closing ``end``, which is taken as well; None is the end of it all."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unknown
        while self.next() != end:
            self.read_term()
        if end:
            self.take()
        self.depth -= 1

    def read_term(self):
        """A symbol, a command or a group, with what is raised and lowered behind it."""
        if self.next() not in ("^", "_", "'"):
            self.read_atom()
        raised, lowered = False, False
        while self.next() in ("^", "_", "'"):
            sign = self.take()
            if (sign != "_" and raised) or (sign == "_" and lowered):
                raise _Unknown
            if sign == "'":
                while self.next() == "'":
                    self.take()
                if self.next() == "^":
                    self.take()
                    self.read_argument()
            else:
                self.read_argument()
            raised, lowered = raised or sign != "_", lowered or sign == "_"

    def read_atom(self):
        token = self.take()
        if token == "{":
            return self.read_list(end="}")
        if token == r"\left":
            self.read_delimiter()
            self.read_list(end=r"\right")
            return self.read_delimiter()
        if not token.startswith("\\"):
            return _need(token.isprintable() and token not in "}&%#~$`")
        name = token[1:]
        if name in _DELIMITED:
            _need(name != "right")
            return self.read_delimiter()
        if name == "text":
            return self.read_words()
        _need(name in _ARGUMENTS)
        if name == "sqrt" and self.next() == "[":
            self.take()
            self.read_list(end="]")
        for _ in range(_ARGUMENTS[name]):
            self.read_argument()

    def read_argument(self):
        """A group, or one symbol that has no arguments itself."""
        token = self.next()
        if token and token.startswith("\\"):
            _need(token[1:] in _SYMBOLS)
        _need(token not in ("^", "_", "'"))
        self.read_atom()

    def read_delimiter(self):
        _need(self.take() in _DELIMITERS)

    def read_words(self):
        _need(self.take() == "{")
        while (token := self.take()) != "}":
            _need(len(token) == 1 and token.isprintable() and token not in r"\{&%#~$`^_<>")


def _need(condition):
    if not condition:
        raise _Unknown
