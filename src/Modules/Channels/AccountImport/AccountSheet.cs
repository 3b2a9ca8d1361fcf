namespace Notify.Channels.AccountImport;

/// <summary>The accounts listed in a file, as its channel read them.</summary>
/// <param name="RowCount">The number of non-empty rows below the header.</param>
public sealed record AccountSheet(int RowCount, IReadOnlyList<AccountRow> Accounts, IReadOnlyList<SkippedRow> Skipped);

/// <param name="Row">The row number as in the spreadsheet, from 1.</param>
public sealed record AccountRow(int Row, string Account, string Name);

public sealed record SkippedRow(int Row, string? Account, string Reason);
