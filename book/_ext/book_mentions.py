"""What extensions that link words share: only words count, no code, formula or heading."""

from docutils import nodes

NOT_PROSE = (nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block,
             nodes.raw, nodes.strong, nodes.title)  # fmt: skip


def link_mentions(document, pattern, linked):
    """Replace what a pattern finds in the words of a document.

    ``linked(match)`` returns the nodes that stand for a match; where there are none, it stays.
    """
    for text in list(document.findall(nodes.Text)):
        if not any(isinstance(node, NOT_PROSE) for node in _above(text)):
            text.parent.replace(text, _parts(str(text), pattern, linked))


def _parts(text, pattern, linked):
    parts, end = [], 0
    for match in pattern.finditer(text):
        if stand_in := linked(match):
            parts += [nodes.Text(text[end : match.start()]), *stand_in]
            end = match.end()
    return [*parts, nodes.Text(text[end:])]


def _above(node):
    while node := node.parent:
        yield node
