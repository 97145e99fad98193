"""The papers attached to claims: a few dozen small PDFs of no consequence."""

from portal import files
from portal.demo import names
from portal.demo.history import PAPERS_OF_A_KIND, PROOFS

WORDS = {
    "SIGNED_SOW": "Bon de commande de prestations signé",
    "ARCHITECTURE_FILE": "Dossier d’architecture",
    "TENDER_ANSWER": "Réponse à l’appel d'offres",
    "CUSTOMER_CONFIRMATION": "Confirmation du client",
    "PURCHASE_ORDER": "Bon de commande",
    "ACCEPTANCE_REPORT": "Procès-verbal de recette",
    "MIGRATION_REPORT": "Rapport de migration",
    "RESELLER_REPORT": "Déclaration du revendeur",
}
MEDIA_TYPE = "application/pdf"


def store_papers() -> dict[tuple[str, int], tuple[str, int]]:
    """Put the papers in the store; (kind, number) → hash and size."""
    papers = {(kind, number): paper(kind, number) for kind in PROOFS for number in range(PAPERS_OF_A_KIND)}
    return {key: (files.put(content), len(content)) for key, content in papers.items()}


def file_name(kind: str, reference: str) -> str:
    """The name under which a firm sent it."""
    return f"{names.slug(WORDS[kind].split()[0])}-{reference.lower()}.pdf"


def paper(kind: str, number: int) -> bytes:
    """A one-page PDF: what it is, and that nothing in it is true."""
    lines = (
        WORDS[kind],
        f"Exemplaire {number + 1}",
        "Document fictif de démonstration.",
        "Daté et signé par le client.",
    )
    shown = "".join(f"({line}) Tj 0 -28 Td " for line in (_escaped(line) for line in lines))
    stream = f"BT /F1 18 Tf 72 740 Td {shown}ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    return _file(objects)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _file(objects: tuple[str, ...]) -> bytes:
    out, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    out += f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}"
    return out.encode("cp1252")
