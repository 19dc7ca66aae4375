"""Sphinx extension: the buttons and links that need the repository's address, if it has one.

``make repository`` writes the address into _config.yml. Without it, a page shows no launch button,
no link to its source and none to report a mistake: a button that leads nowhere is worse than none.
Colab sees nothing but the notebook, so its button shows once the notebooks say where kl_utils is
to be installed from.
"""

from pathlib import Path
from urllib.parse import quote


def use_address(app, config):
    """Switch the theme's buttons on, or off where there is no address."""
    options = config.html_theme_options
    known = bool(options.get("repository_url"))
    options["use_repository_button"] = options["use_edit_page_button"] = known
    launch = options.get("launch_buttons", {}) if known else {}
    if known and not notebooks_know(app.srcdir, options):
        launch = {key: value for key, value in launch.items() if key != "colab_url"}
    options["launch_buttons"] = launch


def notebooks_know(folder, options):
    """Tell whether all set-up cells install from the address in the settings."""
    line = f'"REPOSITORY = \\"{options["repository_url"]}@{options["repository_branch"]}\\"\\n"'
    notebooks = Path(folder).glob("notebooks/*.ipynb")
    return all(line in path.read_text("utf8") for path in notebooks)


def add_errata_link(app, pagename, templatename, context, doctree):
    """Add to the footer of a page a link that opens a report about this page."""
    url = app.config.html_theme_options.get("repository_url")
    if url:
        report = f"{url}/issues/new?template=erratum.md&amp;title={quote(f'Mistake in {pagename}')}"
        link = f'<p>Found a mistake on this page? <a href="{report}">Report it</a>.</p>'
        context["theme_extra_footer"] = f"{context['theme_extra_footer']} {link}"


def setup(app):
    """Register with Sphinx; early, as the theme reads its options when the builder starts."""
    app.connect("config-inited", use_address)
    app.connect("html-page-context", add_errata_link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
