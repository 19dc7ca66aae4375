"""``make serve`` says which port it has, and what to do about one that it can't have."""

import socket
from http.server import ThreadingHTTPServer

import pytest

from tools.commands.serve import main as serve


def test_it_says_where_and_stops_without_a_traceback(tmp_path, monkeypatch, capsys):
    def interrupted(server):
        raise KeyboardInterrupt

    monkeypatch.setattr(ThreadingHTTPServer, "serve_forever", interrupted)
    assert serve(["0"], tmp_path) == 0
    assert "The book: http://127.0.0.1:" in capsys.readouterr().out


def test_a_taken_port_is_a_sentence(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert serve([port], tmp_path) == 1
    error = capsys.readouterr().err
    assert f"Port {port} cannot be used: " in error and "make serve PORT=8001" in error


@pytest.mark.parametrize("port", ["", "eighty", "-1", "65536", "80.0"])
def test_what_is_no_port_is_refused(tmp_path, capsys, port):
    assert serve([port], tmp_path) == 1
    assert f"PORT must be a number from 0 to 65535; got {port!r}" in capsys.readouterr().err
