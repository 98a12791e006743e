"""Templates of letters: each placeholder is known, mistakes are named with their place, nothing else is reached."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from outreach.letters.domain.kinds import KINDS, Kind, names_of, sample_of, schema_of
from outreach.letters.filling import shipped_bytes, shipped_text
from outreach.letters.phrases import FIELDS
from outreach.letters.sandbox import Sandbox, troubles_in
from outreach.letters.worker import MOST_PARTS, MOST_UNFOLDED, Answer, Job, answer_of
from tests.support.papers_read import docx_text, squeezed
from tests.support.word_templates import repacked, word

SCHEMA: dict[str, Any] = {"title": None, "note": None, "groups": {"name": None, "rows": {"title": None}}}
DATA: dict[str, Any] = {
    "title": "菜单<&>",
    "note": "",
    "groups": [{"name": "甲", "rows": [{"title": "一"}, {"title": "二"}]}, {"name": "乙", "rows": []}],
}


def answered(content: bytes, **given: Any) -> Answer:
    return answer_of(Job(**{"schema": SCHEMA, "context": DATA, **given}), content)[0]


def told(content: bytes) -> list[tuple[str, dict[str, str], list[str | int]]]:
    return [(one.code, one.facts, one.where) for one in answered(content).troubles]


WORDS = [kind for kind in KINDS.values() if not kind.is_text]
TEXTS = [kind for kind in KINDS.values() if kind.is_text]


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.key)
def test_the_shipped_templates_take_every_kind_of_content(kind: Kind) -> None:
    """With invented content every text of it is found again; without the optional parts nothing is left behind."""
    sample = sample_of(kind.fields)
    answer, made = answer_of(Job(schema_of(kind.fields), sample), shipped_bytes(kind))
    assert (answer.problem, answer.troubles) == ("", [])
    text = docx_text(made)
    for name in ("title", "issuer", "contact_name", "contact_phone", "made_on", "note"):
        assert squeezed(sample[name]) in text, name
    assert "{" not in text

    empty = {name: [] if isinstance(value, list) else "" for name, value in sample.items()}
    answer, made = answer_of(Job(schema_of(kind.fields), empty), shipped_bytes(kind))
    assert (answer.problem, answer.troubles) == ("", [])
    assert "{" not in docx_text(made)
    assert Document(io.BytesIO(made)).core_properties.language == "zh-CN"


@pytest.mark.parametrize("kind", TEXTS, ids=lambda kind: kind.key)
def test_the_shipped_texts_have_no_empty_lines(kind: Kind) -> None:
    sample = sample_of(kind.fields)
    made = shipped_text(kind.key, sample)

    assert sample["contact_name"] in made
    assert "" not in made.splitlines()
    assert "" not in shipped_text(kind.key, {**sample, "note": "", "deadline": "", "reply_by": ""}).splitlines()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_every_placeholder_is_described(kind: Kind) -> None:
    assert all(words for _name, words, _is_list in names_of(kind.fields))


def test_the_same_gives_the_same_bytes() -> None:
    kind = KINDS["menu"]
    job = Job(schema_of(kind.fields), sample_of(kind.fields))

    assert answer_of(job, shipped_bytes(kind))[1] == answer_of(job, shipped_bytes(kind))[1]


def test_a_table_has_a_row_for_each_of_a_list_and_markup_stays_text() -> None:
    content = word("{{ title }}", "{%p for group in groups %}", "{{ group.name }}", "{%p endfor %}")
    answer, made = answer_of(Job(SCHEMA, DATA), content)

    assert answer.problem == ""
    assert [one.text for one in answer.blocks if one.text] == ["菜单<&>", "甲", "乙"]
    rows = [["名称"], ["{%tr for group in groups %}"], ["{{ group.name }}"], ["{%tr endfor %}"]]
    answer, made = answer_of(Job(SCHEMA, DATA), word("表", table=rows))
    assert [[cell.text for cell in row.cells] for row in Document(io.BytesIO(made)).tables[0].rows] == [
        ["名称"],
        ["甲"],
        ["乙"],
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (word("好", "{{ titel }}"), ("unknown-near", {"name": "titel", "near": "title"}, ["paragraph", 2])),
        (word("{{ xyz }}"), ("unknown", {"name": "xyz"}, ["paragraph", 1])),
        (word("一", header="{{ xyz }}"), ("unknown", {"name": "xyz"}, ["header"])),
        (word("一", footer="{{ xyz }}"), ("unknown", {"name": "xyz"}, ["footer"])),
        (
            word("一", table=[["{{ title }}"], ["{{ xyz }}"]]),
            ("unknown", {"name": "xyz"}, ["table", 1, 2]),
        ),
        (
            word("{%p for g in groups %}", "{{ g.nome }}", "{%p endfor %}"),
            ("unknown-near", {"name": "g.nome", "near": "g.name"}, ["paragraph", 2]),
        ),
        (word("{{ groups }}"), ("not-text", {"name": "groups"}, ["paragraph", 1])),
        (word("{%p for x in title %}", "{%p endfor %}"), ("not-rows", {"name": "title"}, ["paragraph", 1])),
        (word("{%p if note %}", "一"), ("not-closed", {"tag": "if", "closing": "endif"}, ["paragraph", 1])),
        (word("一", "{%p endfor %}"), ("not-opened", {"tag": "endfor", "opening": "for"}, ["paragraph", 2])),
        (word("{{ title }"), ("syntax", {"tag": "{{ title }"}, ["paragraph", 1])),
        (word("{{ title | fancy }}"), ("not-allowed", {"tag": "fancy"}, ["paragraph", 1])),
        (word("{% include 'x' %}"), ("not-allowed", {"tag": "include"}, ["paragraph", 1])),
        (word("{% set a = title %}"), ("not-allowed", {"tag": "assign"}, ["paragraph", 1])),
        (word("{{r title }}"), ("not-allowed", {"tag": "{{r title }}"}, ["paragraph", 1])),
        (word("{{ title() }}"), ("not-allowed", {"tag": "title()"}, ["paragraph", 1])),
        (word("{{ 9 ** 9 }}"), ("not-allowed", {"tag": "pow"}, ["paragraph", 1])),
        (word("{{ title * 1000 }}"), ("not-allowed", {"tag": "mul"}, ["paragraph", 1])),
        (word("{{ range(9) }}"), ("not-allowed", {"tag": "range()"}, ["paragraph", 1])),
        (word("{{ title.__class__ }}"), ("unknown", {"name": "title.__class__"}, ["paragraph", 1])),
        (word("{{ “甲” if titel else “乙” }}"), ("unknown-near", {"name": "titel", "near": "title"}, ["paragraph", 1])),
    ],
)
def test_each_mistake_is_named_with_its_place(content: bytes, expected: tuple[Any, ...]) -> None:
    answer = answered(content)

    assert answer.problem == ""
    assert [(one.code, one.facts, one.where) for one in answer.troubles] == [expected]
    assert f"tag-{expected[0]}" in FIELDS


def test_several_mistakes_are_told_at_once() -> None:
    assert [where for _code, _facts, where in told(word("{{ aaaa }}", "好", "{{ bbbb }}"))] == [
        ["paragraph", 1],
        ["paragraph", 3],
    ]


def test_a_tag_hidden_in_an_attribute_is_refused_too() -> None:
    """Not seen in the text of the document, but docxtpl would fill it."""
    content = repacked(
        word("一"),
        changed={"word/document.xml": lambda data: data.replace(b"<w:p>", b'<w:p w:rsidR="{{ xyz() }}">', 1)},
    )

    answer = answered(content)
    assert answer.problem or [one.where for one in answer.troubles] == [[]]


MACROS = {"word/vbaProject.bin": b"x"}
OUTSIDE = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="http://127.0.0.1/x.dotm" TargetMode="External"/></Relationships>'
)
FIELD = b'<w:p><w:r><w:instrText xml:space="preserve"> INCLUDETEXT "/etc/passwd" </w:instrText></w:r></w:p></w:body>'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"not a zip", "not-word"),
        (b"PK\x03\x04 broken", "unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "locked"),
        (repacked(word("一"), MACROS), "macros"),
        (repacked(word("一"), {"word/embeddings/oleObject1.bin": b"x"}), "macros"),
        (repacked(word("一"), {"word/_rels/settings.xml.rels": OUTSIDE}), "outside"),
        (
            repacked(word("一"), changed={"word/document.xml": lambda data: data.replace(b"</w:body>", FIELD)}),
            "outside",
        ),
        (repacked(word("一"), {"word/bomb.xml": b" " * (MOST_UNFOLDED + 1)}), "bomb"),
        (repacked(word("一"), {f"word/{number}.xml": b"<a/>" for number in range(MOST_PARTS)}), "bomb"),
        (
            repacked(word("一"), {"word/x.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            "unreadable",
        ),
        (repacked(word("一"), {"word/../../x.xml": b"<a/>"}), "unreadable"),
    ],
)
def test_dangerous_and_foreign_files_are_refused(content: bytes, problem: str) -> None:
    assert answered(content).problem == problem
    assert f"template-{problem}" in FIELDS


def test_a_file_whose_macros_only_its_types_tell_is_refused() -> None:
    content = repacked(
        word("一"),
        changed={
            "[Content_Types].xml": lambda data: data.replace(
                b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                b"application/vnd.ms-word.document.macroEnabled.main+xml",
            )
        },
    )

    assert answered(content).problem == "macros"


def test_a_link_is_no_danger() -> None:
    link = OUTSIDE.replace(b"attachedTemplate", b"hyperlink")

    assert answered(repacked(word("一"), {"word/_rels/footnotes.xml.rels": link})).problem == ""


@pytest.mark.parametrize(
    "source",
    [
        "{{ title.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ title.format(title) }}",
        "{{ self }}",
        "{{ groups|map(attribute='x')|list }}",
        "{{ cycler }}",
        "{% for a in groups %}" * 4 + "{% endfor %}" * 4,
        "{% macro a() %}{% endmacro %}",
        "{% import 'x' as y %}",
        "{% for a in groups recursive %}{{ loop(a.rows) }}{% endfor %}",
        "{{ groups[0]['rows']|join }}{{ lipsum() }}",
        "{{ loop.index }}",
    ],
)
def test_nothing_is_reached_beyond_the_data(source: str) -> None:
    assert troubles_in([source], SCHEMA)
    with pytest.raises(Exception, match=r".*"):
        Sandbox(SCHEMA, autoescape=False).from_string(source).render(DATA)


def test_loops_conditions_and_harmless_filters_work() -> None:
    rows = "{% if g.rows %}{{ g.rows|length }}{% endif %}"
    source = "{% for g in groups %}{{ loop.index }}{{ g.name }}" + rows + "{% endfor %}{{ note|default('x', true) }}"

    assert troubles_in([source], SCHEMA) == []
    assert Sandbox(SCHEMA, autoescape=False).from_string(source).render(DATA) == "1甲22乙x"


def test_soffice_opens_what_is_made(tmp_path: Path) -> None:
    """Another program than Word reads the same words."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    for kind in WORDS:
        made = answer_of(Job(schema_of(kind.fields), sample_of(kind.fields)), shipped_bytes(kind))[1]
        (tmp_path / f"{kind.key}.docx").write_bytes(made)
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        subprocess.run(
            [soffice, profile, "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(tmp_path),
             str(tmp_path / f"{kind.key}.docx")],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        text = squeezed((tmp_path / f"{kind.key}.txt").read_text(encoding="utf-8"))
        assert squeezed(sample_of(kind.fields)["title"]) in text
        assert "{" not in text
