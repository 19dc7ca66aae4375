"""Who handed in which file, as learning platforms name them."""

import zipfile

import pytest

from kl_utils.grading.clocks import read_metadata, read_moodle_time
from kl_utils.grading.downloads import read_download
from kl_utils.grading.roster import read_roster
from tests.grading.classes import ROSTER, hand_in

METADATA = """---
submission_501:
  :submitters:
  - :name: Jane Doe
    :sid: s017
    :email: jane.doe@example.edu
  - :name: "\\xD6mer \\u015Eahin"
    :sid: ''
    :email:
  :created_at: 2026-10-12 21:30:05.123456000 Z
  :score: 3.0
  :results:
    tests:
    - name: ":created_at: nonsense"
      :created_at: 1999-01-01 00:00:00 Z
  :history:
  - :id: 3
    :created_at: 2026-10-01 00:00:00 Z
submission_502:
  :submitters:
  - :name: Jnae Doe
    :sid: '77'
  :created_at: 2026-10-13 01:00:00 -07:00
"""


@pytest.fixture
def found(tmp_path):
    """What is found in a folder with some files."""
    (tmp_path / "roster.csv").write_text(ROSTER, "utf-8")
    roster = read_roster(tmp_path / "roster.csv")

    def read(*names, source=None):
        folder = hand_in(tmp_path / "files", dict.fromkeys(names, "{}"))
        return read_download(source or folder, roster)

    return read


@pytest.mark.parametrize(
    ("name", "students", "late", "number"),
    [
        ("doejane_12345_67890_divergence-K7QX2M9B.json", "s017", False, 0),
        ("doejane_LATE_12345_67890_divergence-1.json", "s017", True, 0),
        ("besteam_12346_1_x.json", "s018", False, 0),  # a group's name; the id says who
        ("lina_555_1_x.json", "s019", False, 0),  # the roster does not know the id
        ("Jane Doe_901_assignsubmission_file_/x.json", "s017", None, 0),
        ("Jane Doe_123_assignsubmission_file_x.json", "s017", None, 0),
        ("Jane Doe_123_assignsubmission_file/x.json", "s017", None, 0),
        ("Group A-Li Na_7_assignsubmission_file_/x.json", "s019", None, 0),
        ("s017.json", "s017", None, 0),
        ("s017-2.json", "s017", None, 2),
        ("s017 (3).ipynb", "s017", None, 3),
        ("S017_divergence.json", "s017", None, 0),
        ("divergence-s017-2.json", "s017", None, 2),
        ("Jane Doe.json", "s017", None, 0),
        ("week 3/jan-van-der-berg/2/divergence.json", "s020", None, 2),
        ("jane.doe@example.edu/divergence.json", "s017", None, 0),
    ],
)
def test_names_of_every_platform_lead_to_a_student(found, name, students, late, number):
    (upload,) = found(name).uploads
    assert upload.students == (students,) and upload.late is late
    assert upload.attempt[-1] == number and upload.content == b"{}"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("jnae doe.json", "called 'jnae doe'. The nearest is Jane Doe (s017)"),
        ("s017x-divergence.json", "'s017x-divergence'. The nearest is Jane Doe (s017)"),
        ("doejane_99_1_x.json", "the Canvas id is 99, not 12345"),
        ("anon_ab12_1_x.json", "turn anonymous grading off"),
        ("s017-s018.json", "names two students: s017 and s018"),
        ("li.json", "No student of the roster is called 'li'."),
        ("divergence-K7QX2M9B.json", "No student of the roster is called"),
        ("Jon Doe_123_assignsubmission_file_/x.json", "The nearest is Jane Doe (s017)"),
    ],
)
def test_what_is_nobody_s_is_reported_and_not_guessed(found, name, why):
    download = found(name)
    assert not download.uploads
    (unmatched,) = download.unmatched
    assert unmatched["file"] == name and why in unmatched["why"]


def test_gradescope_says_who_and_when(found, tmp_path):
    hand_in(tmp_path / "files", {"export/submission_metadata.yml": METADATA})
    download = found("export/submission_501/a.json", "export/submission_502/a.json")
    (upload,) = download.uploads
    assert upload.students == ("s017", "s018")
    assert upload.time.isoformat() == "2026-10-12T21:30:05+00:00"
    (unmatched,) = download.unmatched
    assert "'Jnae Doe' (77)" in unmatched["why"] and "Jane Doe (s017)" in unmatched["why"]
    assert read_metadata(METADATA)["submission_502"].time.utcoffset().total_seconds() == -7 * 3600


def test_a_list_of_times_is_taken(found, tmp_path):
    times = (
        "student,submitted,file\ns017,2026-10-12T20:00Z,\nJane Doe,2026-10-13T20:00Z,s017-2.json\n"
    )
    hand_in(tmp_path / "files", {"times.csv": times})
    uploads = found("s017.json", "s017-2.json", "s018.json").uploads
    assert [upload.time and upload.time.day for upload in uploads] == [13, 12, None]


@pytest.mark.parametrize(
    "text",
    [
        "Monday, 12 October 2026, 2:14 PM",
        "Monday, October 12, 2026, 2:14 PM",
        "Monday, 12 October 2026, 14:14",
    ],
)
def test_moodle_s_times_are_read(text):
    assert read_moodle_time(text, None).isoformat() == "2026-10-12T14:14:00"
    assert read_moodle_time("-", None) is None and read_moodle_time("Montag, 12.", None) is None


def test_zip_files_are_read_where_they_are(found, tmp_path):
    inner, outer = tmp_path / "work.zip", tmp_path / "all.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("answers.json", "{}")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "doejane_12345_1_work.zip")
        archive.writestr("../../s018.json", "{}")
        archive.writestr("__MACOSX/._s018.json", "")
        archive.writestr("s019.zip", b"PK broken")
        archive.writestr("s020.json", b" " * 300_000)
        archive.writestr("s021.pdf", b"scan")
    download = found(source=outer)
    assert [(u.students[0], u.kind, u.content) for u in download.uploads] == [
        ("s018", ".json", b"{}"),
        ("s017", ".json", b"{}"),
        ("s020", ".json", None),  # too large
        ("s021", ".pdf", None),
    ]
    assert [u["file"] for u in download.unmatched] == ["s019.zip"]
    assert not list(tmp_path.rglob("answers.json"))


def test_what_is_in_two_downloads_was_handed_in_twice(found):
    uploads = found("2026-10-02/s017.json", "2026-10-11/s017.json").uploads
    assert len({upload.attempt for upload in uploads}) == 2
    assert max(uploads, key=lambda upload: upload.attempt).name.startswith("2026-10-11")
