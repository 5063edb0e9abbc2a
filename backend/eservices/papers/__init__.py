"""The words and contents of papers, and the register as a workbook; `actions.papers` issues them."""
