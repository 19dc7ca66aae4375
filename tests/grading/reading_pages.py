"""What a page holds, as a browser would see it: its elements and its text."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The elements of a page, (tag, attributes) each, and its text without that of styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self._in_style = [], "", False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag):
        self._in_style = False

    def handle_data(self, data):
        self.text += "" if self._in_style else data

    @property
    def tags(self):
        return {tag for tag, _ in self.elements}
