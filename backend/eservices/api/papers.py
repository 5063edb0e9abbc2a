"""GraphQL of papers: whether a paper is true, for anybody who holds its code."""

from datetime import date

import strawberry

from backend.core.actor import SYSTEM, Permission
from backend.core.clock import VIETNAM
from backend.core.graphql import Info, query
from backend.core.limits import Rate
from backend.eservices import tables
from backend.eservices.papers import words as paper_words
from backend.eservices.queries import papers as paper_queries

VERIFY_PER_ADDRESS = Rate(60, 60)
LONGEST_CODE = 40


@strawberry.type
class VerifiedPaper:
    state: tables.PaperState
    title: str
    office: str
    holder: str = strawberry.field(description="Masked: N. T. N. Lan")
    issued_on: date
    dossier_code: str
    signed: bool = strawberry.field(description="Whether it carries a digital signature")
    sha256: str = strawberry.field(description="Of the file, in hex")


@strawberry.type
class PaperQuery:
    @query(Permission.PUBLIC)
    async def verify_paper(self, info: Info, code: str) -> VerifiedPaper | None:
        """Null for a code that no paper has. Sixty looks a minute and address."""
        context = info.context
        await context.limit("eservices.verify", context.client, VERIFY_PER_ADDRESS)
        async with context.database.write(SYSTEM) as session:
            found = await paper_queries.verified(session, code[:LONGEST_CODE])
        if found is None:
            return None
        paper = found.paper
        return VerifiedPaper(
            state=found.state,
            title=paper.title,
            office=found.office,
            holder=paper_words.masked(paper.holder),
            issued_on=paper.created_at.astimezone(VIETNAM).date(),
            dossier_code=found.dossier_code,
            signed=paper.signed,
            sha256=paper.sha256.hex(),
        )
