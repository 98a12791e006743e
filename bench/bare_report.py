"""Renders an HTML file with bare WeasyPrint, or with ``--ours`` through the worker of reports; prints CPU and pages."""

import json
import sys
import time
from pathlib import Path

from outreach.reports.rendering import font_files
from outreach.reports.worker import Job, _tools, render


def bare(html: str) -> bytes:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = "".join(
        f"@font-face {{ font-family: '{family}'; src: url('{Path(file).as_uri()}'); }}\n"
        for family, file in font_files()
    )
    sheet = weasyprint.CSS(string=faces, font_config=fonts)
    return bytes(weasyprint.HTML(string=html).write_pdf(font_config=fonts, stylesheets=[sheet]))


def main() -> None:
    html = Path(sys.argv[-1]).read_text(encoding="utf-8")
    if "--ours" in sys.argv:
        _tools(font_files())  # loaded once in the life of the worker
        cpu = time.process_time()
        made = render(Job(((html, None),), font_files()))
    else:
        import weasyprint  # noqa: F401 - loading is not what is measured

        cpu = time.process_time()
        made = bare(html)
    spent = time.process_time() - cpu
    import io

    from pypdf import PdfReader

    print(json.dumps({"cpu": spent, "pages": len(PdfReader(io.BytesIO(made)).pages), "bytes": len(made)}))


main()
