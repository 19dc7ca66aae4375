"""A form beside each answer of the reading queue, which fills the table and saves it.

The page works without its script, too: then the forms stay hidden, and the table is filled in a
spreadsheet. The script sends nothing and needs nothing; what it saves is the same table.
"""

from .pages import Html, element, number

_HALVES = (("0", "0"), ("0.5", "½"), ("1", "1"))
SCRIPT = Html(r"""
"use strict";
const forms = [...document.querySelectorAll(".form")];
const state = document.querySelector("#filled");
const field = (form, name) => form.querySelector(`[data-field=${name}]`);
let unsaved = false;

function sum(form) {
  const entries = Number(form.dataset.entries);
  const chosen = [...form.querySelectorAll("input:checked")].map((input) => Number(input.value));
  if (!entries || chosen.length < entries) return;
  const share = chosen.reduce((a, b) => a + b, 0) / entries;
  field(form, "points").value = String(Math.round(share * form.dataset.possible * 100) / 100);
}

function look() {
  const filled = forms.filter((form) => field(form, "points").value.trim());
  const bare = filled.filter(
    (form) =>
      Number(field(form, "points").value.replace(",", ".")) < form.dataset.possible &&
      !field(form, "reason").value.trim());
  for (const form of forms) form.classList.toggle("bare", bare.includes(form));
  state.textContent = `${filled.length} of ${forms.length} filled` +
    (bare.length ? `; ${bare.length} without a reason` : "");
}

function table() {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const rows = forms.map((form) => [form.dataset.item, `0 to ${form.dataset.possible}`,
    field(form, "points").value.trim(), field(form, "reason").value.trim()]);
  return [["item", "possible", "points", "reason"], ...rows]
    .map((row) => row.map(quoted).join(",") + "\r\n").join("");
}

document.addEventListener("input", (event) => {
  const form = event.target.closest(".form");
  if (!form) return;
  if (event.target.type === "radio") sum(form);
  unsaved = true;
  look();
});
document.querySelector("#save").addEventListener("click", (event) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", table()], { type: "text/csv" }));
  link.download = event.target.dataset.name;
  link.click();
  unsaved = false;
});
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
for (const hidden of document.querySelectorAll("[hidden]")) hidden.hidden = false;
look();
""")


def form_of(item, says):
    """The form for an item; ``says`` has the entries that a good answer gets points for."""
    entries = [_entry(item, place, said) for place, said in enumerate(says, 1)]
    return element(
        "div",
        *entries,
        element("label", "Points ", _field("points", inputmode="decimal", size="5")),
        element("label", "Reason ", _field("reason", size="40")),
        class_="form",
        data_item=item.name,
        data_possible=number(item.possible),
        data_entries=str(len(says)),
        hidden="",
    )


def saving(task):
    """The button that saves the table of a task, and how much of it is filled."""
    button = element(
        "button", f"Save {task}.csv", type="button", id="save", data_name=f"{task}.csv"
    )
    return element(
        "p",
        "Or fill the forms below, save the table, and give it to ",
        element("code", "read --take"),
        ". What you type stays in this page until you save it. ",
        button,
        " ",
        element("output", id="filled"),
        hidden="",
        class_="saving",
    )


def _field(name, **attributes):
    return _void("input", data_field=name, **attributes)


def _entry(item, place, said):
    choices = [
        element("label", _void("input", type="radio", name=f"{item.name}-{place}", value=v), sign)
        for v, sign in _HALVES
    ]
    return element("fieldset", element("legend", f"{place}."), *choices, title=said)


def _void(tag, **attributes):
    """An element that has no end."""
    return Html(element(tag, **attributes).removesuffix(f"</{tag}>"))
