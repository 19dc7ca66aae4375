"""Whole proofs and what they earn: right ones by any route, half right ones, and cheats."""

import pytest

from kl_utils.derivation import (
    Given,
    covariance,
    gaussian,
    index,
    joint,
    positive,
    real,
    simplex,
    vector,
)
from kl_utils.exercises import Blank, Frame, Lemma, Prove, Repair, formal, grade

FRAME = Frame(
    Given(mu=real(), sigma=positive()),
    "KL(q, p)",
    {
        "q": gaussian("mu", "sigma**2"),
        "p": gaussian("0", "1"),
        "eps": gaussian("0", "1", of="e"),
    },
)
GOAL = "(sigma**2 + mu**2 - log(sigma**2) - 1)/2"
ENTROPY = Lemma("entropy of a normal", "H(q)", "log(2*pi*exp(1)*sigma**2)/2")
TASK = Prove("kl", "Work it out.", frame=FRAME, goal=GOAL, lemmas=(ENTROPY,))

DEFINITION = "E(log_q(z) - log_p(z))"
LOGS = "E(-log(2*pi*sigma**2)/2 - (z-mu)**2/(2*sigma**2) + log(2*pi)/2 + z**2/2)"
MOMENTS = "-log(sigma) - 1/2 + (sigma**2 + mu**2)/2"
LINEAR = "-log(sigma) - E((z-mu)**2)/(2*sigma**2) + E(z**2)/2"
WRITTEN_Q = "log(exp(-(z-mu)**2/(2*sigma**2))/sqrt(2*pi*sigma**2))"
CLOSED_ENTROPY = "log(2*pi*exp(1)*sigma**2)/2"


def lines(*texts):
    """An answer with these lines; a pair is a line with its reason."""
    pairs = [text if isinstance(text, tuple) else (text, "") for text in texts]
    return {"lines": [{"text": f"= {text}", "reason": reason} for text, reason in pairs]}


def marks(*texts, task=TASK):
    """Points, and points that a person may give."""
    found = grade(task, lines(*texts))
    assert found.points == found.of or found.lost or found.to_read
    return found.points, found.held


ALL = {
    "the usual way": (DEFINITION, LOGS, LINEAR, MOMENTS, GOAL),
    "short": (DEFINITION, LOGS, GOAL),
    "densities at once": (LOGS, GOAL),
    "an integral": (
        "Int(q(z)*log(q(z)/p(z)), z)",
        "Int(log_q(z)*q(z), z) - Int(log_p(z)*normal(z, mu, sigma**2), z)",
        "Int(q(z)*(-log(sigma) - (z-mu)**2/(2*sigma**2) + z**2/2), z)",
        GOAL,
    ),
    "a ratio": (
        "E(log(q(z)/p(z)))",
        "E(log(exp(-(z-mu)**2/(2*sigma**2) + z**2/2)/sigma))",
        LINEAR,
        GOAL,
    ),
    "cross-entropy minus entropy, by a lemma": (
        "H(q, p) - H(q)",
        (f"E(z**2)/2 + log(2*pi)/2 - {CLOSED_ENTROPY}", "the entropy of a normal"),
        GOAL,
    ),
    "one density after the other": (
        "E(log_q(z)) - E(log_p(z))",
        "-log(2*pi*sigma**2)/2 - E((z-mu)**2)/(2*sigma**2) - E(log_p(z))",
        "-log(2*pi*sigma**2)/2 - 1/2 - E(log_p(z))",
        "-log(2*pi*sigma**2)/2 - 1/2 + log(2*pi)/2 + E(z**2)/2",
        GOAL,
    ),
    "completing the square": (
        DEFINITION,
        "-log(sigma) + E(z**2*(1 - 1/sigma**2)/2 + mu*z/sigma**2 - mu**2/(2*sigma**2))",
        "-log(sigma) + (1 - 1/sigma**2)*(Var(z) + E(z)**2)/2 + mu*E(z)/sigma**2 "
        "- mu**2/(2*sigma**2)",
        GOAL,
    ),
    "a variance": (DEFINITION, "-log(sigma) - Var(z)/(2*sigma**2) + E(z**2)/2", GOAL),
    "another variable": (
        DEFINITION,
        "E(-log(sigma) - e**2/2 + (mu + sigma*e)**2/2, eps)",
        GOAL,
    ),
    "a substitution, inside the logarithms": (
        "Int(normal(u, 0, 1)*log(normal(u, 0, 1)/(sigma*p(mu + sigma*u))), u)",
        "Int(normal(u, 0, 1)*(-log(sigma) - u**2/2 + (mu + sigma*u)**2/2), u)",
        GOAL,
    ),
    "a half line": (
        DEFINITION,
        "-log(sigma) + (1 - 1/sigma**2)*E((z-mu)**2)/2 + mu**2/2",
        "-log(sigma) + (sigma**2 - 1)*Int(t**2*exp(-t**2/2), t, 0, inf)/sqrt(2*pi) + mu**2/2",
        GOAL,
    ),
    "a derivative under the mean": (
        DEFINITION,
        "-log(sigma) + E((z-mu)*z)*(1 - 1/sigma**2)/2 + mu**2/2",
        "-log(sigma) + sigma**2*E(D(z, z))*(1 - 1/sigma**2)/2 + mu**2/2",
        GOAL,
    ),
    "integration by parts": (
        DEFINITION,
        "-log(sigma) - E((z-mu)*(z-mu))/(2*sigma**2) + E(z*(z-mu))/2 + mu*E(z)/2",
        "-log(sigma) - 1/2 + sigma**2*E(1)/2 + mu*mu/2",
        GOAL,
    ),
}


@pytest.mark.parametrize("route", ALL)
def test_any_route_earns_all_points(route):
    assert marks(*ALL[route]) == (10, 0)


IN_PART = {
    "definition and densities": ((DEFINITION, LOGS), 5),
    "and then nonsense": ((DEFINITION, LOGS, "mu + sigma"), 5),
    "one moment of two": ((DEFINITION, LINEAR, "-log(sigma) - 1/2 + E(z**2)/2"), 6.5),
    "a slip in the last step": (
        (DEFINITION, LOGS, "-log(sigma) - 1/2 + (sigma**2 - mu**2)/2"),
        6.5,
    ),
    "a slip in the algebra": (
        (DEFINITION, LOGS, MOMENTS, "(sigma**2 - mu**2 - log(sigma**2) - 1)/2"),
        8,
    ),
    "a slip in the densities, followed through": (
        (DEFINITION, LOGS.replace("+ z**2", "- z**2"), "-log(sigma) - 1/2 - (sigma**2 + mu**2)/2"),
        6.5,
    ),
    "a tiny error": ((DEFINITION, LOGS, MOMENTS, f"({GOAL})*(1 + 10**(-12))"), 8),
    "a slip in one density, at once": ((LOGS.replace("z**2/2)", "z**2)"),), 3.5),
    "a slip in one moment of an integral": (
        (
            DEFINITION,
            LOGS,
            "Int(normal(u, 0, 1)*(-log(sigma) - u**2/2 + (mu + sigma*u)**2/2), u)",
            "-log(sigma) - 1/2 + sigma**2/2",
        ),
        6.5,
    ),
    "moments that stand among wrong terms": (
        (DEFINITION, LINEAR, "-1/2 + (sigma**2 + mu**2)/2 + mu**7"),
        6.5,
    ),
    "an error that is made good by the last line": (
        (DEFINITION, LOGS.replace("log(2*pi*sigma**2)/2", "log(2*pi*sigma**2)"), GOAL),
        3.5,
    ),
    "a moment that is left as another integral": (
        (
            DEFINITION,
            LOGS,
            "-log(sigma) + (sigma**2 - 1)*Int(t**2*exp(-t**2/2), t, 0, inf)/sqrt(2*pi) + mu**2/2",
        ),
        5,
    ),
    "the wrong way round": (
        ("E_p(log_p(z) - log_q(z))", LOGS.replace("E(", "-E_p("), f"mu*({GOAL})"),
        3,
    ),
    "the wrong distribution, followed through": (
        (
            "E_p(log_q(z) - log_p(z))",
            LOGS.replace("E(", "E_p("),
            "-log(sigma) - (1 + mu**2)/(2*sigma**2) + 1/2",
        ),
        6,
    ),
    "a lost density, followed through": (
        (
            "E(log_q(z))",
            "-log(2*pi*sigma**2)/2 - E((z-mu)**2)/(2*sigma**2)",
            "-log(2*pi*sigma**2)/2 - 1/2",
        ),
        3,
    ),
    "two errors that cancel": (
        (
            "E(log_q(z) + log_p(z))",
            "E(-log(2*pi*sigma**2)/2 - (z-mu)**2/(2*sigma**2) - log(2*pi)/2 - z**2/2)",
            GOAL,
        ),
        3,
    ),
    "a slip beside a moment that was put in": (
        (
            DEFINITION,
            LINEAR,
            f"{LINEAR} + Var(z) - sigma**2",
            f"{LINEAR} + sigma**2 - sigma**2",
            "-log(sigma) - 1 + E(z**2)/2",
            "-log(sigma) - 1 + (sigma**2 + mu**2)/2",
        ),
        6.5,
    ),
    "a line that cannot be read": ((DEFINITION, LOGS, "-log(sigma) + mu^2", MOMENTS, GOAL), 10),
}


@pytest.mark.parametrize("how", IN_PART)
def test_half_a_proof_earns_its_steps(how):
    texts, points = IN_PART[how]
    assert marks(*texts) == (points, 0)


TOO_LARGE = {
    "memorised": ((GOAL,), 2),
    "definition, then memorised": ((DEFINITION, GOAL), 4),
    "memorised, with the name of a lemma": (((GOAL, "entropy of a normal"),), 2),
    "definition, then memorised, with the name of a lemma": (
        (DEFINITION, (GOAL, "entropy of a normal")),
        4,
    ),
    "an entropy in one go, no lemma": (
        ("H(q, p) - H(q)", f"E(z**2)/2 + log(2*pi)/2 - {CLOSED_ENTROPY}", GOAL),
        7,
    ),
    "a lemma for one of two": (("H(q, p) - H(q)", (GOAL, "entropy of a normal")), 7),
    "a definition beside a large step": (
        ("KL(q, p) + sigma**2 - E((z-mu)**2)", f"{DEFINITION} + sigma**2 - E((z-mu)**2)", GOAL),
        4,
    ),
    "memorised, under an integral": (
        (DEFINITION, f"2*Int(normal(u, 0, 1)*({GOAL} + u**2 - 1), u, 0, inf)", GOAL),
        4,
    ),
    "densities under other names": (
        (DEFINITION, "E(log(normal(z, mu, sigma**2)) - log(normal(z, 0, 1)))", GOAL),
        4,
    ),
    "densities written out only": ((DEFINITION, f"E({WRITTEN_Q} + log(2*pi)/2 + z**2/2)", GOAL), 7),
}


@pytest.mark.parametrize("how", TOO_LARGE)
def test_a_step_too_large_waits_for_a_person(how):
    texts, points = TOO_LARGE[how]
    assert marks(*texts) == (points, 10 - points)


STUFFING = {
    "repeated lines": ("KL(q, p)", "KL(q, p) + 0", "(KL)(q, p)", GOAL, GOAL, MOMENTS),
    "other spellings": ("KL(q(z), p(z))", "𝐊𝐋(q, p)*E(1)", GOAL),
    "a moment of 0": (f"{GOAL} + E(z) - mu", GOAL),
    "0 times": (f"{GOAL} + 0*E(log_q(z))", GOAL),
    "what cancels": (f"{GOAL} + E(log_q(z)) + H(q)", GOAL),
    "what cancels in the end": (
        f"{GOAL} + E(log_q(z)) + log(2*pi*sigma**2)/2 + 1/2",
        f"{GOAL} - E((z-mu)**2)/(2*sigma**2) + 1/2",
        GOAL,
    ),
    "the mean of a constant": (f"E({GOAL} + z - z)", GOAL),
    "a sum of one": (f"Sum({GOAL}, i, 1)", GOAL),
}


@pytest.mark.parametrize("how", STUFFING)
def test_decoration_earns_nothing(how):
    assert marks(*STUFFING[how]) == (2, 8)


NOTHING = {
    "the first line": ("KL(q, p)",),
    "its other spelling": ("𝐊𝐋(q, p)", "(KL)(q, p)"),
    "a Riemann sum": (
        "Sum((log(normal(i/3-8, mu, sigma**2)) - log(normal(i/3-8, 0, 1)))"
        "*normal(i/3-8, mu, sigma**2)/3, i, 48)",
    ),
    "another line, followed through": ("mu*sigma*E(z)", "mu**2*sigma"),
    "half a line, followed through": ("E(z**2)/2", "(sigma**2 + mu**2)/2"),
}


@pytest.mark.parametrize("how", NOTHING)
def test_what_is_no_proof_earns_nothing(how):
    assert marks(*NOTHING[how]) == (0, 0)


@pytest.mark.parametrize(
    "last",
    [
        f"Sum({GOAL}, i, 1)",
        f"({GOAL})*E(1)",
        f"{GOAL} + KL(q, q)",
        f"{GOAL} - D(mu, mu) + 1",
        f"{GOAL} + step(abs(mu) - 50)",
        f"{GOAL} + sqrt((mu**2 - 2500)**2) + mu**2 - 2500",
        "-log(sigma) - 1/2 + (sigma**2 + E(z)**2)/2",
    ],
)
def test_a_last_line_is_finished(last):
    assert marks(DEFINITION, LOGS, last) == (8, 0)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        3,
        "= mu",
        [],
        [1],
        [[]],
        {"lines": {}},
        {"lines": [{"text": 3}]},
        ["= mu"] * 41,
        ["= " + "1" * 2000],
        [{"text": "= mu", "reason": "x" * 501}],
        ["= \x00"],
        ["~ mean(z)"],
    ],
)
def test_a_malformed_answer_is_a_sentence(answer):
    found = grade(TASK, answer)
    assert (found.points, found.held) == (0, 0) and found.lost


def test_what_takes_too_much_computing_is_left_to_a_person(monkeypatch):
    monkeypatch.setattr(formal, "MOST_WORK_OF_AN_ANSWER", 1_000_000)
    found = grade(TASK, lines(DEFINITION, LOGS, LINEAR, MOMENTS, GOAL))
    assert found.points + found.held == 10 and found.held >= 3
    assert "too much computing" in " ".join(found.to_read)


def test_small_values_are_compared_as_exactly_as_others():
    frame = Frame(Given(mu=[1e-5, 2e-5, 0.5e-5]), "E(z**4)", {"q": gaussian("mu", "mu**2")})
    task = Prove("small", "", frame=frame, goal="10*mu**4")
    assert marks("E(mu*z**3 + (z-mu)*z**3)", "10*mu**4", task=task) == (10, 0)
    assert marks("E(mu*z**3)", "10*mu**4", task=task)[0] == 0


def test_functions_such_as_abs_stand_where_the_task_has_them():
    frame = Frame(Given(mu=real()), "sqrt(mu**2) + E(z)", {"q": gaussian("mu", "1")})
    task = Prove("size", "", frame=frame, goal="abs(mu) + mu")
    assert grade(task, ["= E(z) + abs(mu)", "= mu + abs(mu)"]).points >= 2
    task = Prove("size", "", frame=frame, goal="sqrt(mu**2) + mu")
    found = grade(task, ["= E(z) + abs(mu)", "= mu + abs(mu)"])
    assert "no place" in " ".join(found.lost)


def test_the_first_line_may_be_copied():
    assert grade(TASK, ["KL(q, p)", f"= {DEFINITION}", f"= {LOGS}", f"= {GOAL}"]).lost == ()
    assert grade(TASK, ["KL(q, p)"]).points == 0


def test_no_sentence_gives_the_answer_away():
    for texts, _ in IN_PART.values():
        found = grade(TASK, lines(*texts))
        said = " ".join([*found.lost, *found.to_read])
        assert GOAL not in said and "is 1/2" not in said and "line (" not in said


# Other frames


def test_vectors_and_their_coordinates():
    frame = Frame(
        Given(n=range(1, 4), mu=vector("n"), Sigma=covariance("n")),
        "KL(q, p)",
        {"q": gaussian("mu", "Sigma"), "p": gaussian("0", "I")},
    )
    goal = "(tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2"
    task = Prove("n", "", frame=frame, goal=goal)
    square = "E(T(z-mu)@inv(Sigma)@(z-mu))"
    written = f"(E(T(z)@z) - {square} - log(det(Sigma)))/2"
    assert marks(DEFINITION, written, goal, task=task) == (10, 0)
    assert marks(DEFINITION, goal, task=task) == (4, 6)
    assert marks(DEFINITION, written, goal.replace("tr", "det"), task=task) == (6.5, 0)


def test_a_proof_without_a_closed_form_at_its_end():
    given = Given(k=[2, 3], m=[2], p=joint("k", "m", zeros=False), r=simplex("m", zeros=False))
    given = Given(x=index("k"), **given.kinds, k=[2, 3], m=[2])
    first = "E(log(p(x, z)/r(z)), r(z)) + KL(r(z), p(z|x))"
    task = Prove("elbo", "", frame=Frame(given, first), goal="log(p(x))", allows=("p",))
    definition = "E(log(p(x, z)/r(z)), r(z)) + E(log(r(z)/p(z|x)), r(z))"
    assert marks(definition, "log(p(x))", task=task) == (10, 0)
    assert marks("log(p(x))", task=task) == (2, 8)


def test_an_inequality():
    frame = Frame(Given(x=positive(), a=positive()), "log(x)")
    task = Prove("tangent", "", frame=frame, goal="log(a) + (x-a)/a", relation="<=")
    assert grade(task, ["<= log(a) + (x-a)/a"]).points == 2
    assert grade(task, ["<= log(a) + x/a - 1"]).held == 8
    assert grade(task, [">= log(a) + (x-a)/a"]).points == 0
    assert grade(task, ["= log(x)"]).points == 0
    assert grade(task, ["<= log(a) + x**2 + 10"]).points == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"goal": "mu"}, "goal"),
        ({"goal": "KL(q, p)"}, "not finished"),
        ({"lemmas": (Lemma("wrong", "H(q)", "sigma"),)}, "lemma 'wrong'"),
    ],
)
def test_a_wrong_task_is_an_error(change, message):
    with pytest.raises(ValueError, match=message):
        Prove("kl", "", **({"frame": FRAME, "goal": GOAL} | change))


# One line


CHAIN = (f"= {DEFINITION}", f"= {LINEAR}", f"= {MOMENTS}")
BROKEN = (CHAIN[0], CHAIN[1].replace("+ E", "- E"), CHAIN[2])
REPAIR = Repair("repair", "", frame=FRAME, lines=BROKEN, at=2, solution=CHAIN[1])


@pytest.mark.parametrize(
    ("line", "points", "held"),
    [
        (CHAIN[1], 10, 0),
        (f"= {LOGS}", 10, 0),
        (BROKEN[1], 0, 0),
        ("= E(-log_p(z) + log_q(z))", 0, 0),
        ("= mu - mu + -1/2 - log(sigma) + (sigma**2 + mu**2)/2", 0, 0),
        ("= Int(q(z)*log(q(z)/p(z)), z)", 0, 10),
        (LINEAR, 10, 0),  # a missing `=` is meant, as in proofs
        (f"<= {LINEAR}", 0, 0),
        (None, 0, 0),
    ],
)
def test_a_line_is_repaired_where_it_fits_between_its_neighbours(line, points, held):
    found = grade(REPAIR, line)
    assert (found.points, found.held) == (points, held)


BLANK = Blank(
    "blank",
    "",
    frame=FRAME,
    lines=(CHAIN[0], CHAIN[1], "= -log(sigma) - 1/2 + ___/2"),
    at=3,
    solution="sigma**2 + mu**2",
)


@pytest.mark.parametrize(
    ("text", "points", "held"),
    [
        ("mu**2 + sigma**2", 10, 0),
        ("mu**2", 0, 0),
        ("E(z**2)", 0, 0),
        ("2*KL(q, p) + 2*log(sigma) + 1", 0, 0),
        ("sigma**2) + (2*mu**2", 0, 0),
        ("(mu**2 + sigma**2 - 1 - 2*log(sigma)) + 1/2 + 2*log(sigma) + 1/2", 0, 10),
    ],
)
def test_a_blank_is_filled_by_one_expression(text, points, held):
    found = grade(BLANK, {"text": text})
    assert (found.points, found.held) == (points, held)


def test_a_line_without_its_sign_is_read_as_it_is_meant():
    typed = [
        "E(log_q(z) - log_p(z))",
        "E(z**2 - (z-mu)**2/sigma**2)/2 - log(sigma)",
        "(sigma**2 + mu**2 - 1)/2 - log(sigma)",
    ]
    signed = grade(TASK, [f"= {line}" for line in typed])
    assert grade(TASK, typed) == signed and signed.points == 10
    assert grade(TASK, [f"<= {line}" for line in typed]).points < 3


def test_a_conditional_density_in_one_expectation_with_others_is_read_formally():
    given = Given(x=real(), mu=real())
    q, p = gaussian("mu", "1"), gaussian("0", "1")
    pair = {"q": q, "p(z)": p, "p(x|z)": gaussian("z", "1", of="x")}
    task = Prove(
        "bound",
        "Derive it.",
        frame=Frame(given, "E(log(p(x|z))) - KL(q(z), p(z))", pair),
        goal="-log(2*pi)/2 - ((x - mu)**2 + 1 + mu**2)/2",
    )
    lines = ["= E(log(p(x|z)) - log(q(z)) + log(p(z)))"]
    found = grade(task, {"lines": [{"text": text} for text in lines]})
    assert (found.points, found.held) == (2, 0)
