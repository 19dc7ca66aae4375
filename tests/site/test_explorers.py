"""The explorers of the pages: operated by keyboard and pointer, their numbers those of kl_utils.

The browser's part is skipped where no Chromium is found, as in ``test_site.py``.
"""

import io
import json
import math
import re

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.interpolate import interpn
from scipy.optimize import minimize

from kl_utils import (
    LinearGaussianModel,
    estimate_kl,
    expect_normal,
    fixed_bits,
    integrate,
    kl_multivariate,
    kl_normal,
    load_images,
)
from kl_utils.data import DataUnavailable
from kl_utils.derivation import Derivation, Given, gaussian
from kl_utils.estimators import kl_terms
from kl_utils.gaussian import log_density_normal
from kl_utils.pretrained import FOLDER as WEIGHTS
from kl_utils.pretrained import load_pretrained
from tests.site.conftest import Visitor, show
from tools import ROOT
from tools.commands import latent_planes
from tools.provenance.cards import file_hash

FOLDER = ROOT / "book" / "_assets" / "explorers"
PAGES = {
    "two-gaussians": "notebooks/01_kl_univariate",
    "two-bumps": "notebooks/01_kl_univariate",
    "trace-determinant": "notebooks/02_kl_multivariate",
    "estimators": "notebooks/03_trust_but_verify",
    "elbo-gap": "notebooks/04_elbo",
    "latent-plane": "notebooks/06_vae_mnist",
}
AFTER_A_FRAME = """
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"""
# What an explorer computes does not depend on the screen: `make verify` looks at the phone, too.
EVERYWHERE = pytest.mark.parametrize(
    "screen", ["desktop", pytest.param("phone", marks=pytest.mark.long)]
)
EACH = pytest.mark.parametrize("name", PAGES)


class Explorer:
    """An explorer in a page, as a reader meets it: by slider, button, pointer and eye."""

    def __init__(self, page, name):
        self.page = page
        self.box = page.locator(f"[data-explorer={name}]")
        self.box.and_(page.locator("[data-ready]")).wait_for()

    def reset(self, screen):
        """Press its button, on a screen, and wait until it is drawn."""
        show(self.page, screen)
        self.box.get_by_role("button", name="Reset").press("Enter")
        self.page.evaluate(AFTER_A_FRAME)
        self.page.evaluate("scrollTo(0, 0)")
        self.box.scroll_into_view_if_needed()

    def value(self, slider):
        """What a slider says, as its number and as the words beside it must agree."""
        control = self.box.locator(f"input[data-name={slider}]")
        number = float(control.input_value())
        assert as_number(self.box.locator(f"output[for={control.get_attribute('id')}]")) == number
        return number

    def press(self, slider, *keys):
        """Press keys on a slider; return the value that they lead to."""
        control = self.box.locator(f"input[data-name={slider}]")
        control.focus()
        for key in keys:
            control.press(key)
        return self.value(slider)

    def fill(self, slider, value):
        """Set a slider at once, as assistive technology does."""
        self.box.locator(f"input[data-name={slider}]").fill(str(value))
        return self.value(slider)

    def click(self, button):
        """Press a button by keyboard, and wait until what it moves has come to rest."""
        self.box.locator(f"button[data-name={button}]").press("Enter")
        self.page.wait_for_function("() => !document.querySelector('[data-moving]')")

    def reading(self, name):
        """Return the exact number behind a reading, and the words that are shown."""
        node = self.box.locator(f"[data-reading={name}]")
        exact = node.get_attribute("data-value")
        return float(exact.replace("Infinity", "inf")), node.inner_text()

    def data(self, name):
        return float(self.box.get_attribute(f"data-{name}"))

    def words(self):
        """The sentence under the figure, when it has settled."""
        self.page.wait_for_timeout(500)
        return self.box.locator(".explorer-words").inner_text()

    def assert_reads(self, digits=3, rel=1e-9, **expected):
        for name, number in expected.items():
            exact, shown = self.reading(name)
            assert exact == pytest.approx(number, rel=rel, abs=1e-12), name
            assert shown == in_words(number, digits), name


def in_words(number, digits=3):
    words = f"{number:.{digits}f}"
    return words.lstrip("-") if float(words) == 0 else words.replace("-", "−")


def as_number(node):
    return float(node.inner_text().replace("−", "-"))


def test_every_explorer_of_the_chapters_is_tried():
    text = "".join(path.read_text("utf8") for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert set(re.findall(r'data-explorer=\\"([\w-]+)', text)) == set(PAGES)


@pytest.fixture(scope="module")
def stay(chromium, reader, site):
    """A visitor whose pages stay open from one test to the next."""
    visitor = Visitor(chromium, reader, site)
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def explorers():
    """The explorers that are open, by their name and how they were opened."""
    return {}


@pytest.fixture
def explore(stay, explorers):
    """Open an explorer, or reset it if it is open, and complain if anything failed by the end."""

    def open_explorer(name, screen="desktop", **options):
        key = name, str(options)
        if key not in explorers:
            page = stay(f"{PAGES[name]}.html", screen, typeset=False, **options)
            explorers[key] = Explorer(page, name)
        explorers[key].reset(screen)
        return explorers[key]

    yield open_explorer
    assert not stay.complaints
    assert all(url.startswith(("file:", "data:", "blob:")) for url in stay.requests)


# ------------------------------------------------------------------- the numbers, one by one


@EVERYWHERE
def test_two_gaussians(explore, screen):
    explorer = explore("two-gaussians", screen)

    def check():
        names = ("mean_q", "std_q", "mean_p", "std_p")
        q_and_p = [explorer.value(name) for name in names]
        forth, back = kl_normal(*q_and_p), kl_normal(*q_and_p[2:], *q_and_p[:2])
        explorer.assert_reads(kl_qp=forth, kl_pq=back)
        for name, kl in {"kl_qp": forth, "kl_pq": back}.items():
            node = explorer.box.locator(f"[data-reading={name}]")
            above, below = (
                float(node.get_attribute(f"data-{part}")) for part in ("above", "below")
            )
            assert above - below == pytest.approx(kl, rel=1e-7, abs=1e-9)
            assert min(above, below) >= 0

    check()
    start = explorer.value("mean_q")
    assert explorer.press("mean_q", "ArrowLeft", "ArrowLeft") == pytest.approx(start - 0.1)
    check()
    assert explorer.press("std_q", "Home") == 0.2
    assert explorer.press("std_p", "End") == 2
    check()
    for mean, std in (("mean_q", "std_q"), ("mean_p", "std_p")):
        explorer.press(mean, "End")
        explorer.press(std, "End")
    check()
    explorer.assert_reads(kl_qp=0, kl_pq=0)
    assert "are the same" in explorer.words()


@pytest.mark.long
@EVERYWHERE
def test_two_bumps(explore, screen):
    explorer = explore("two-bumps", screen, media={"reduced_motion": "reduce"})

    def target():
        apart, weight = explorer.value("apart"), explorer.value("weight")

        def log_p(z):
            left, right = (log_density_normal(z, mean, 0.6) for mean in (-apart, apart))
            return np.logaddexp(math.log(1 - weight) + left, math.log(weight) + right)

        return log_p

    def divergences(mean, std, log_p):
        def log_q(z):
            return log_density_normal(z, mean, std)

        def forth(z):
            return log_q(z) - log_p(z)

        def back(z):
            return np.exp(log_p(z)) * (log_p(z) - log_q(z))

        return expect_normal(forth, mean, std).value, integrate(back).value

    def check():
        mean, std = explorer.data("mean"), explorer.data("std")
        kl_qp, kl_pq = divergences(mean, std, target())
        explorer.assert_reads(kl_qp=kl_qp, kl_pq=kl_pq, rel=1e-6)
        return mean, std

    assert check() == (explorer.value("mean"), explorer.value("std"))
    for keys in ([], ["Home"], ["End"]):
        explorer.press("mean", *keys)
        start = explorer.value("mean"), explorer.value("std")
        explorer.click("fit-qp")
        mean, std = check()
        best = minimize(
            lambda at: divergences(at[0], math.exp(at[1]), target())[0],
            [mean, math.log(std)],
            method="BFGS",
        )
        assert (mean, std) == pytest.approx((best.x[0], math.exp(best.x[1])), abs=1e-4)
        assert abs(mean) > 1.5 and mean * start[0] > 0, "a start on one side ends on that side"
    explorer.fill("mean", 0.2), explorer.fill("std", 2)
    explorer.click("fit-qp")
    middle = minimize(lambda at: divergences(0, math.exp(at[0]), target())[0], [0.5])
    assert check() == pytest.approx((0, math.exp(middle.x[0])), abs=1e-4), "a third minimum"

    explorer.press("apart", "ArrowLeft", "ArrowLeft")
    explorer.press("weight", "ArrowRight", "ArrowRight")
    explorer.click("fit-pq")
    apart, weight = explorer.value("apart"), explorer.value("weight")
    expected = (2 * weight - 1) * apart
    variance = 0.6**2 + apart**2 - expected**2
    assert check() == pytest.approx((expected, math.sqrt(variance)), rel=1e-12)
    assert "as small as it can be" in explorer.words()


def test_a_fit_moves_before_the_eyes_of_those_who_want_motion(explore):
    explorer = explore("two-bumps", media={"reduced_motion": "no-preference"})
    explorer.box.evaluate("""box => {
      const note = () => { box.hasMoved ||= 'moving' in box.dataset; };
      new MutationObserver(note).observe(box, {attributes: true});
    }""")
    explorer.click("fit-pq")
    assert explorer.box.evaluate("box => box.hasMoved")
    assert explorer.data("mean") == pytest.approx(0, abs=1e-12)
    assert explorer.data("std") == pytest.approx(math.hypot(2, 0.6), rel=1e-12)


@pytest.mark.long
@EVERYWHERE
def test_trace_and_determinant(explore, screen):
    explorer = explore("trace-determinant", screen)

    def check():
        a, b = explorer.value("a"), explorer.value("b")
        claim = explorer.box.locator("input[data-name=claim]:checked").input_value()
        report = checked(claim, a, b)
        (truth, _), (slip, _) = explorer.reading("truth"), explorer.reading("slip")
        holds, words = explorer.reading("verdict")
        assert bool(holds) == report.ok
        shown = explorer.box.locator(".explorer-verdict").inner_text()
        if report.ok:
            assert truth == pytest.approx(slip, rel=1e-9, abs=1e-9)
            assert words == "✓ holds here" and "are both" in shown
        else:
            assert (truth, slip) == pytest.approx(
                [value.item() for value in report.first_broken.values], rel=1e-9
            )
            assert words == "✗ broken" and shown == report.first_broken.explanation()
        return report.ok

    assert not check(), "the identity breaks the step"
    explorer.press("a", "PageUp", "PageUp")
    explorer.press("b", "ArrowRight", "ArrowRight")
    assert not check()
    for at, holds in (((3.0, 1.5), True), ((1.4, 3.5), True), ((3.0, 1.55), False)):
        assert (explorer.fill("a", at[0]), explorer.fill("b", at[1])) == at
        assert check() is holds
    explorer.box.locator("input[data-name=claim]:checked").press("ArrowRight")
    assert not check()
    assert explorer.fill("b", 1) == 1
    assert check(), "where one variance is 1, the result happens to be right"


def checked(claim, a, b):
    """What the checker says of a line of the homework, at one case."""
    case = Given(n=[2], mu=[np.zeros((2, 1))], Sigma=[np.diag([a, b])])
    # A list of one case says nothing about dimensions, so I is written as Σ Σ⁻¹.
    pair = {"q": gaussian("mu", "Sigma"), "p": gaussian("0*mu", "Sigma@inv(Sigma)")}
    lines = {
        "step": ("2.9", "E(T(z)@z)", "= det(Sigma) + T(mu)@mu"),
        "result": ("2.40", "KL(q, p)", "= (det(Sigma) + T(mu)@mu - log(det(Sigma)) - 1)/2"),
    }
    number, first, second = lines[claim]
    derivation = Derivation(number, case, **pair)
    derivation.line(first)
    derivation.line(second)
    return derivation.check()


@pytest.mark.long
@EVERYWHERE
def test_estimators(explore, screen):
    explorer = explore("estimators", screen)

    def check():
        mean, std = explorer.value("mean"), explorer.value("std")
        kl = kl_normal(mean, std)
        explorer.assert_reads(kl=kl)

        def log_q(z):
            return log_density_normal(z, mean, std)

        for k in ("k1", "k2", "k3"):

            def term(z, k=k):
                return kl_terms(log_density_normal(z) - log_q(z), k)

            variance, shown = explorer.reading(f"variance_{k}")
            if k == "k3" and std**2 <= 1 / 2:
                assert (variance, shown) == (math.inf, "infinite")
            else:
                first = expect_normal(term, mean, std).value
                square = expect_normal(lambda z, term=term: term(z) ** 2, mean, std).value
                assert variance == pytest.approx(square - first**2, rel=1e-6, abs=1e-9)
                assert shown == in_words(variance, 3 if variance < 10 else 1)
                if k == "k2":
                    assert explorer.data("k2-mean") == pytest.approx(first, rel=1e-6, abs=1e-9)
            z = mean + std * np.array(explorer.box.evaluate("box => box.draws"))
            assert len(z) == 1000
            estimate = estimate_kl(log_q, log_density_normal, z, k)
            assert explorer.data(k) == pytest.approx(estimate.value, rel=1e-9, abs=1e-12)
            error = explorer.data(f"{k}-error")
            assert error == pytest.approx(estimate.standard_error, rel=1e-9, abs=1e-12)

    check()
    before = explorer.data("k1")
    explorer.click("draw")
    assert explorer.data("k1") != before
    check()
    explorer.press("mean", "PageUp", "ArrowRight")
    check()
    explorer.press("std", "PageDown", "PageDown")
    check()
    assert explorer.fill("std", 0.7) < math.sqrt(1 / 2)
    check()
    explorer.press("std", "Home")
    check()
    assert "infinite" in explorer.words()


def test_the_draws_are_standard_normal(explore):
    draws = []
    explorer = explore("estimators")
    for _ in range(6):
        draws += explorer.box.evaluate("box => box.draws")
        explorer.click("draw")
    z, n = np.array(draws), len(draws)
    assert len(set(draws)) == n
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((z**power).mean() - mean) < 4.5 * math.sqrt(variance / n)


@EVERYWHERE
def test_elbo_gap(explore, screen):
    explorer = explore("elbo-gap", screen)
    model = LinearGaussianModel(weight=[[1.0]], noise_std=0.5)

    def check(mean, std):
        x = np.array([explorer.value("x")])
        q = np.array([mean]), np.array([[std**2]])
        elbo, evidence = model.exact_elbo(*q, x), model.log_evidence(x)
        gap = kl_multivariate(*q, *model.posterior(x))
        explorer.assert_reads(elbo=elbo, evidence=evidence)
        exact, shown = explorer.reading("gap")
        assert exact == pytest.approx(gap, rel=1e-9, abs=1e-12)
        assert elbo + exact == pytest.approx(evidence, rel=1e-12)
        assert abs(float(shown) - gap) <= 0.0011
        sum_shown = as_number(explorer.box.locator("[data-reading=elbo]")) + float(shown)
        assert in_words(sum_shown) == in_words(evidence), "what is shown adds up too"
        assert explorer.data("reconstruction") == pytest.approx(model.reconstruction(*q, x))
        assert explorer.data("rate") == pytest.approx(kl_normal(mean, std))
        return gap

    check(explorer.value("mean"), explorer.value("std"))
    check(explorer.press("mean", "Home"), explorer.press("std", "End"))
    explorer.press("x", "ArrowLeft", "PageDown")
    check(explorer.press("mean", "PageUp"), explorer.press("std", "PageDown"))
    explorer.click("prior")
    check(0, 1)
    explorer.click("posterior")
    mean, cov = model.posterior(np.array([explorer.value("x")]))
    assert check(mean[0], math.sqrt(cov[0, 0])) < 1e-12
    assert "tight" in explorer.words()


@pytest.mark.long
@EVERYWHERE
def test_latent_plane(explore, screen):
    explorer = explore("latent-plane", screen)
    for place, plane in enumerate(planes()):
        if len(planes()) > 1:
            explorer.box.locator("input[type=radio]").nth(place).check(force=True)
        model = load_pretrained(plane["name"]).model
        for keys in ([], ["PageUp", "ArrowRight"], ["PageUp"]):
            z = explorer.press("z1", *keys), explorer.press("z2", *keys)
            with torch.no_grad():
                log_prior = model.prior.log_prob(torch.tensor([z])).item()
            explorer.assert_reads(log_prior=log_prior, digits=2, rel=2e-5)
            assert explorer.reading("label")[1] == label_around(plane, z)
            shown = drawn(explorer, f"{plane['name']} {z[0]:g},{z[1]:g}")
            assert np.abs(shown - blended(plane, [z])[0]).mean() < 0.01


def label_around(plane, z):
    """The most frequent label of the 15 posterior means around a place."""
    distance = np.hypot(*(np.array(plane["means"]) - z).T)
    nearest = [plane["labels"][i] for i in np.argsort(distance, kind="stable")[:15]]
    return max(sorted(set(nearest)), key=nearest.count)


def blended(plane, places):
    """The ink at places (n, 2), each between the four decoded digits around it: (n, 28, 28)."""
    ink = 1 - np.asarray(Image.open(FOLDER / plane["picture"]).convert("L"), dtype=float) / 255
    tiles = ink.reshape(plane["side"], 28, plane["side"], 28).swapaxes(1, 2)
    ticks = np.linspace(-plane["half"], plane["half"], plane["side"])
    return interpn((ticks, ticks), tiles[::-1], np.flip(places, axis=-1))


def drawn(explorer, state):
    """The ink that the canvas shows, 28 by 28: it may not be read from within the page."""
    canvas = explorer.box.locator("canvas")
    explorer.page.wait_for_function(
        "([canvas, state]) => canvas.dataset.drawn === state", arg=[canvas.element_handle(), state]
    )
    picture = Image.open(io.BytesIO(canvas.screenshot())).convert("L")
    pixels = np.asarray(picture, dtype=float)
    centres = [((np.arange(28) + 0.5) * size / 28).astype(int) for size in pixels.shape]
    return 1 - pixels[np.ix_(*centres)] / 255


# --------------------------------------------------------------------- by pointer and finger


@pytest.mark.long
def test_handles_can_be_dragged(explore):
    explorer = explore("two-gaussians")
    before = [explorer.value(name) for name in ("mean_q", "std_q", "mean_p", "std_p")]
    handle = explorer.box.locator("circle.handle.q:not(.small)").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    mouse = explorer.page.mouse
    mouse.move(x + 3, y + 3)
    mouse.down()
    mouse.move(x - 60, y + 40, steps=5)
    mouse.up()
    mouse.move(x + 60, y)
    after = [explorer.value(name) for name in ("mean_q", "std_q", "mean_p", "std_p")]
    assert after[0] < before[0] - 0.5
    assert after[1:] == before[1:]
    explorer.box.get_by_role("button", name="Reset").click()
    assert [explorer.value(n) for n in ("mean_q", "std_q", "mean_p", "std_p")] == before


def test_a_tap_moves_the_point_of_a_plane(explore):
    explorer = explore("trace-determinant", "phone", has_touch=True)
    plane = explorer.box.locator("svg.plane")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    explorer.page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + 0.2 * box["height"])
    assert explorer.value("a") > 3 and explorer.value("b") > 3


# ----------------------------------------------------------------------- for every reader


@pytest.mark.long
@EACH
def test_words_stand_in_where_no_script_runs(visit, name):
    page = visit(f"{PAGES[name]}.html", "desktop", java_script_enabled=False)
    words = page.locator(f"[data-explorer={name}] p")
    assert words.is_visible()
    assert words.inner_text().startswith("On the course’s web page, an explorer stands here:")
    caption = page.locator(f"[data-explorer={name}] + p em").first
    assert caption.inner_text().startswith("Explorer: ")


FAULTS = {
    "a control without a name": """
        [...box.querySelectorAll('input')].filter(input => !input.labels[0]?.textContent.trim())
          .map(input => input.id)""",
    "a figure without words": """
        [...box.querySelectorAll('svg, canvas')].filter(figure => {
          const ids = figure.getAttribute('aria-labelledby')?.split(' ') ?? [];
          const words = ids.map(id => document.getElementById(id)?.textContent ?? '').join(' ')
            || figure.getAttribute('aria-label') || '';
          return figure.getAttribute('role') !== 'img' || words.length < 30;
        }).map(figure => figure.outerHTML.slice(0, 80))""",
    "what sticks out of the frame": """
        [...box.querySelectorAll('svg text, input, output, button, p, label')].filter(part => {
          const [frame, own] = [box.getBoundingClientRect(), part.getBoundingClientRect()];
          return own.left < frame.left - 0.5 || own.right > frame.right + 0.5;
        }).map(part => part.outerHTML.slice(0, 80))""",
    "a target too small for a finger": """
        [...box.querySelectorAll('input[type=range], button, .explorer-options label')]
          .filter(target => target.getBoundingClientRect().height < 28)
          .map(target => target.outerHTML.slice(0, 80))""",
    "text too faint to read": """
        (() => {
          const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
          const rgb = colour => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const light = colour => rgb(colour).slice(0, 3).map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = node => {
            for (; node; node = node.parentElement) {
              const colour = getComputedStyle(node).backgroundColor;
              if (rgb(colour)[3] === 255) return colour;
            }
            return 'white';
          };
          const parts = 'svg text, label, legend, output, button, p, .explorer-label';
          return [...box.querySelectorAll(parts)].filter(part => {
            const style = getComputedStyle(part);
            const ink = part.namespaceURI.endsWith('svg') ? style.fill : style.color;
            const [a, b] = [light(ink), light(behind(part))].sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05) < 4.5;
          }).map(part => part.outerHTML.slice(0, 80));
        })()""",
}


@pytest.mark.long
@EVERYWHERE
@EACH
def test_everyone_can_use_it(explore, name, screen):
    explorer = explore(name, screen)
    if name == "latent-plane":
        explorer.page.wait_for_function("() => document.querySelector('canvas[data-drawn]')")
    colours = set()
    for scheme in ("light", "dark"):
        explorer.page.emulate_media(color_scheme=scheme)
        explorer.page.wait_for_function(
            "scheme => document.documentElement.dataset.theme === scheme", arg=scheme
        )
        found = {
            fault: explorer.box.evaluate(f"box => {expression}")
            for fault, expression in FAULTS.items()
        }
        assert not {fault: parts for fault, parts in found.items() if parts}, scheme
        colours.add(explorer.box.evaluate("box => getComputedStyle(box).getPropertyValue('--q')"))
    assert len(colours) == 2, "light and dark pages have the same colours"


def test_the_first_page_has_a_small_one(visit):
    explorer = Explorer(visit("book/intro.html", "phone"), "two-gaussians")
    q = explorer.press("mean_q", "ArrowRight"), explorer.press("std_q", "PageDown")
    explorer.assert_reads(kl_qp=kl_normal(*q), kl_pq=kl_normal(0, 1, *q))
    assert not visit.complaints


@pytest.mark.long
def test_a_page_without_explorers_loads_none(visit):
    visit("book/notation.html", "desktop")
    loaded = {url.partition("?")[0].rpartition("/")[2] for url in visit.requests}
    assert "loader.js" in loaded
    assert not loaded & {path.name for path in FOLDER.iterdir()} - {"loader.js"}


def test_chapters_and_scripts_name_the_same_explorers():
    named = {}
    for path in [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "book").glob("*.md")]:
        text = path.read_text("utf8")
        if path.suffix == ".ipynb":
            cells = nbformat.reads(text, as_version=4).cells
            text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        for name in re.findall(r'data-explorer="([\w-]+)"', text):
            named.setdefault(name, []).append(path.relative_to(ROOT).with_suffix("").as_posix())
    assert not named.keys() - PAGES.keys(), "add these to PAGES, and a test of their numbers"
    assert not PAGES.keys() - named.keys(), "no page shows these"
    for name, pages in named.items():
        assert PAGES[name] in pages
        script = FOLDER / f"{name}.js"
        assert script.exists(), f"{name} has no script {script.name}"
        assert f'define("{name}"' in script.read_text("utf8"), f"{script.name} defines another"


# ------------------------------------------------------------- what the latent plane shows


def planes():
    script = (FOLDER / "latent-planes.js").read_text("utf8")
    return json.loads(script.removeprefix("Explorers.latentPlanes = ").removesuffix(";\n"))


def test_latent_planes_match_their_code_and_weights():
    card = json.loads((FOLDER / "latent-planes.card.json").read_text("utf8"))
    now = {name: file_hash(WEIGHTS / f"{name}.safetensors") for name in latent_planes.published()}
    assert card["weights_sha256"] == now, "other weights were drawn; run latent_planes again"
    assert [plane["name"] for plane in planes()] == list(now)


def test_a_blended_digit_is_nearly_what_the_decoder_draws():
    rng = np.random.default_rng(0)
    for plane in planes():
        model = load_pretrained(plane["name"]).model
        places = rng.uniform(-plane["half"], plane["half"], (500, 2))
        with torch.no_grad():
            ink = model.decode(torch.tensor(places).float()).sigmoid().reshape(-1, 28, 28).numpy()
        off = np.abs(blended(plane, places) - ink).mean(axis=(1, 2))
        assert np.quantile(off, 0.5) < 0.01 and np.quantile(off, 0.99) < 0.05, plane["name"]


def test_latent_planes_are_those_of_the_models():
    assert planes()
    for plane in planes():
        model = load_pretrained(plane["name"]).model
        expected = latent_planes.decoded_plane(model, plane["half"]).astype(int)
        shown = np.asarray(Image.open(FOLDER / plane["picture"]).convert("L")).astype(int)
        assert np.abs(shown - expected).max() <= 32  # of 255: the picture has 16 greys
        assert np.abs(shown - expected).mean() < 3
        assert plane["prior"] == latent_planes.components(model.prior)
        assert plane["half"] == latent_planes.square_around(plane["means"])


def test_posterior_means_are_those_of_the_models():
    try:
        data = load_images("mnist")
    except DataUnavailable:
        pytest.skip("MNIST is not at hand")
    few = 100
    bits = fixed_bits(data.test_images, seed=0)[:few]
    for plane in planes():
        means = latent_planes.posterior_means(load_pretrained(plane["name"]).model, bits)
        assert np.abs(means - plane["means"][:few]).max() < 0.011
        assert plane["labels"] == "".join(map(str, data.test_labels[: latent_planes.IMAGES]))
