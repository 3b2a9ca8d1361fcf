using Notify.Audit.Proofs.Format;

if (args is not [var path, "--key", var given])
{
    await Console.Error.WriteLineAsync(
        """
        Checks an export or a receipt of Notify's audit history, without Notify and without a network.

            notify-verify <file.ndjson|file.csv> --key <key, or a file with keys>

        The key has the form name+number+base64; get it from the one you trust, not from whoever gave you the export.
        Exit code 0: exactly what was recorded. 1: not. 2: it could not be checked.
        """);
    return 2;
}

try
{
    var keys = (File.Exists(given) ? await File.ReadAllLinesAsync(given) : [given]).Where(x => x.Trim().Length > 0).Select(NoteKey.Parse).ToList();
    await using var file = File.OpenRead(path);
    var result = path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? ExportCheck.CheckCsv(file, keys) : ExportCheck.Check(file, keys);
    if (result.Fault is null)
    {
        Console.WriteLine($"GOOD  {result.Entries} entries of {result.Checkpoint!.Origin}, as signed at {result.Checkpoint.At:u} over {result.Checkpoint.Size} entries in all.");
        return 0;
    }

    Console.WriteLine($"BAD   line {result.Line}: {result.Fault}");
    return 1;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
