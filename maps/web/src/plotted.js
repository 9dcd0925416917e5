// What a chart draws, read from the table that stands beside it.

/** { labels: [row heading], series: [{ label, values: [number | null] }] } of a table. */
export function plotted(table) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !("unplotted" in row.dataset));
  const columns = heads.map((cell, n) => [cell, n]).filter(([cell]) => "series" in cell.dataset);
  const series = columns.map(([cell, n]) => ({ label: cell.dataset.series || cell.textContent.trim(), values: rows.map((row) => amount(row.cells[n])) }));
  return { labels: rows.map((row) => row.cells[0].textContent.trim()), series };
}

/** The number of a cell: its `data-value`, else what it says with groups of digits; null for none. */
function amount(cell) {
  if (!cell) return null;
  const text = "value" in cell.dataset ? cell.dataset.value : cell.textContent.replace(/[,\s]/g, "");
  const number = text === "" ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}
