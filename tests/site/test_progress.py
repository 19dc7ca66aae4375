"""What is kept of a reader's answers: in the page's own code, on a page that has nothing else.

The tests are skipped where no Chromium is found, as in ``test_site.py``.
"""

import json

import pytest

from tools import ROOT

SOURCE = (ROOT / "book" / "_assets" / "live" / "progress.js").read_text("utf8")
KEY = "kl-practice"

DAY = 86_400_000
NOON = 1_790_000_000_000 // DAY * DAY + DAY // 2  # at most half a day off, wherever it is read


def tried(days, right, variant=0, **more):
    """Return a try some days after the first day."""
    return {"at": NOON + days * DAY, "right": right, "variant": variant, "version": 1} | more


@pytest.mark.parametrize(
    ("tries", "days"),
    [
        ([], None),
        ([(0, True)], None),
        ([(0, False)], 1),
        ([(0, False), (0, True)], 1),  # right at once says little
        ([(0, False), (1, True)], 4),
        ([(0, False), (1, True), (4, True)], 11),
        ([(0, False), (1, True), (4, True), (11, True)], 32),
        ([(0, False), (1, True), (4, True), (11, True), (32, True)], None),
        ([(0, False), (1, True), (4, False)], 5),
        ([(0, False), (1, True), (4, True), (11, True), (32, True), (90, False)], 91),
    ],
)
def test_what_was_missed_comes_back(progress, tries, days):
    tries = [tried(*one) for one in tries]
    due = progress("([tries]) => kl.progress.due(tries, 1)", [tries])
    at = progress("([at, days]) => kl.progress.dayAfter(at, days)", [NOON, days or 0])
    assert due == (None if days is None else at)


@pytest.fixture(scope="module")
def progress(chromium):
    """Evaluate an expression about progress, on a page of its own that has nothing else."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.route(
        "**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    page.goto("https://course.invalid/")

    def evaluate(expression, argument=None, storage=None, before=""):
        page.evaluate(
            "([key, text]) => { localStorage.clear(); text && localStorage.setItem(key, text); }",
            [KEY, storage],
        )
        page.evaluate(f"() => {{ window.kl = {{}}; {before} }}")
        page.evaluate(f"() => {{ {SOURCE} }}")
        return page.evaluate(expression, argument)

    yield evaluate
    context.close()


def store(**tasks):
    return {"kind": KEY, "schema": 1, "exported": 0, "tasks": tasks}


def test_a_task_that_changed_is_asked_anew_and_keeps_its_history(progress):
    tries = [tried(0, True), tried(1, True, again=True)]
    assert progress("tries => kl.progress.due(tries, 2)", tries) == 0
    old = store(**{"1/x": tries, "9/gone": [tried(0, False)]})
    found = progress(
        """() => { kl.progress.record("1/x", {at: 9, right: true, variant: 1, version: 2});
                   return kl.progress.read(); }""",
        storage=json.dumps(old),
    )
    assert sorted(one["version"] for one in found["tasks"]["1/x"]) == [1, 1, 2]
    assert found["tasks"]["9/gone"] == old["tasks"]["9/gone"]


def test_the_next_time_it_has_other_numbers(progress):
    tries = [tried(0, False, variant=1), tried(0, True, variant=0, again=True)]
    assert progress("tries => kl.progress.nextVariant(tries, 3)", tries) == 2
    assert progress("tries => kl.progress.nextVariant(tries, 2)", tries) == 0
    assert progress("() => kl.progress.nextVariant([], 2)") == 0


def test_two_devices_are_put_together(progress):
    mine = store(**{"1/x": [tried(0, False), tried(3, True)]})
    theirs = store(**{"1/x": [tried(0, False), tried(1, True)], "2/y": [tried(2, True)]})
    merge = "([a, b]) => kl.progress.merge(a, b)"
    once = progress(merge, [mine, theirs])
    assert once["tasks"]["1/x"] == [tried(0, False), tried(1, True), tried(3, True)]
    assert once["tasks"]["2/y"] == [tried(2, True)]
    assert progress(merge, [once, theirs]) == once
    assert progress(merge, [theirs, mine])["tasks"] == once["tasks"]


def test_figures_count_what_counts(progress):
    tasks = {
        "1/x": [tried(0, False, confidence=0.9), tried(0, True, again=True)],
        "1/y": [tried(0, True, confidence=0.9), tried(5, False, confidence=0.9)],
        "2/z": [tried(0, True, confidence=0.6), tried(1, False, variant=1, confidence=0.6)],
    }
    versions = dict.fromkeys([*tasks, "1/new"], 1)
    call = "([kept, all]) => [kl.progress.tally(kept, all), kl.progress.calibration(kept)]"
    tally, groups = progress(call, [store(**tasks), versions])
    assert tally == {"answered": 3, "right": 0}
    assert groups == [[0.6, {"asked": 2, "right": 1}], [0.9, {"asked": 2, "right": 1}]]


BAD = [
    "{",
    "null",
    "[1]",
    '{"kind": "other"}',
    json.dumps(store() | {"schema": "1"}),
    json.dumps(store() | {"tasks": [1]}),
    json.dumps(store(**{"1/x": [tried(0, "yes")]})),
    json.dumps(store(**{"1/x": [tried(-1e6, True)]})),
    json.dumps(store(**{"1/x": [tried(0, True, confidence="<b>")]})),
    json.dumps(store(**{"<img src=x onerror=alert(1)>": []})),
    '{"kind": "kl-practice", "schema": 1, "exported": 0, "tasks": {"__proto__": []}}',
]


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_read_is_put_aside_and_said(progress, text):
    use = """() => { kl.progress.record("1/x", {at: 9, right: true, variant: 0, version: 1});
        return [kl.progress.read(), kl.progress.note(), Object.values({...localStorage})]; }"""
    found, note, kept = progress(use, storage=text)
    assert list(found["tasks"]) == ["1/x"]
    assert note.startswith("What was kept here could not be read. It was put aside")
    assert text in kept and len(kept) == 2


def test_what_a_newer_version_kept_is_left_alone(progress):
    newer = json.dumps({"kind": KEY, "schema": 2, "answers": {}})
    use = """() => { kl.progress.record("1/x", {at: 9, right: true, variant: 0, version: 1});
        return [kl.progress.read(), kl.progress.note(), {...localStorage}]; }"""
    found, note, kept = progress(use, storage=newer)
    assert list(found["tasks"]) == ["1/x"] and "newer version" in note
    assert kept == {KEY: newer}


@pytest.mark.parametrize("name", ["setItem", "getItem"])
def test_it_works_where_nothing_can_be_kept(progress, name):
    use = """() => { kl.progress.record("1/x", {at: 9, right: true, variant: 0, version: 1});
        kl.progress.record("1/x", {at: 10, right: true, variant: 0, version: 1});
        const found = [kl.progress.read(), kl.progress.note()];
        Object.assign(Storage.prototype, window.original);
        return found; }"""
    refuse = f"""window.original = {{{name}: Storage.prototype.{name}}};
        Storage.prototype.{name} = () => {{ throw new DOMException("no", "SecurityError"); }};"""
    found, note = progress(use, before=refuse)
    assert len(found["tasks"]["1/x"]) == 2
    assert "keeps nothing" in note


def test_two_tabs_lose_nothing(progress):
    use = f"""() => {{
        const first = kl.progress; {SOURCE} const second = kl.progress;
        const tried = at => ({{at, right: true, variant: 0, version: 1}});
        first.record("1/x", tried(1));
        second.record("1/x", tried(2));
        first.record("1/y", tried(3));
        return second.read().tasks; }}"""
    found = progress(use)
    assert [one["at"] for one in found["1/x"]] == [1, 2] and len(found["1/y"]) == 1
