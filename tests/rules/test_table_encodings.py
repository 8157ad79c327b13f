"""What a file of our countries is written in, told by its letters."""

from pathlib import Path

import pytest

from kanava.platform.tables.source import guess_encoding, inspect

TEXTS = {
    "sl": "Šivana čaša, žlahtna – 3 €",
    "pl": "Żółta łódź, świeża gęś i źdźbło",
    "hr": "Đačka torba, šećer, žičana četka",
    "hu": "Árvíztűrő tükörfúrógép",
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["cp1250", "iso-8859-2", "utf-8", "utf-8-sig", "utf-16"])
def test_letters_tell_what_a_file_is_written_in(tmp_path: Path, language: str, encoding: str) -> None:
    text = TEXTS[language].replace("€", "EUR").replace("–", "-") if encoding == "iso-8859-2" else TEXTS[language]
    path = tmp_path / "file.csv"
    path.write_bytes(f"sku;title\n1;{text}\n".encode(encoding))
    guess = guess_encoding(path)
    source = inspect(path, encoding=guess)
    assert not source.invalid_bytes
    assert text in path.read_bytes().decode(source.encoding)


def test_a_broken_letter_does_not_make_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("sku;title\n1;čaša žlica\n".encode() + b"2;\x9aal\n")
    assert guess_encoding(path) is None
    assert inspect(path).invalid_bytes
