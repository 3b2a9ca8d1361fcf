namespace Notify.Channels.AccountImport;

/// <summary>The accounts that a file lists, as its channel read them.</summary>
/// <param name="RowCount">Rows below the header that are not empty.</param>
public sealed record AccountSheet(int RowCount, IReadOnlyList<AccountRow> Accounts, IReadOnlyList<SkippedRow> Skipped);

/// <param name="Row">As the spreadsheet numbers its rows, from 1.</param>
public sealed record AccountRow(int Row, string Account, string Name);

public sealed record SkippedRow(int Row, string? Account, string Reason);
