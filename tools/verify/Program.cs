using Notify.Audit.Proofs.Format;

if (args is not [var path, "--key", var given])
{
    await Console.Error.WriteLineAsync(
        """
        Checks an export, a receipt or the proof of an entry of Notify's audit history, and what people have signed in it, without Notify and
        without a network.

            notify-verify <file.ndjson|file.csv|proof.json> --key <key, or a file with keys>

        The key has the form name+number+base64; get it from the one you trust, not from whoever gave you the export.
        Exit code 0: exactly what was recorded. 1: not. 2: it could not be checked.
        """);
    return 2;
}

// docs/proofs.md, "Signatures".
var types = new ApprovalTypes(
    "access.change_proposed.v1", "access.proposal_approved.v1", "access.proposal_signed.v1", "access.approval_policy_changed.v1",
    new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["access.emergency_requested.v1"] = "requested",
        ["access.emergency_opened.v1"] = "confirmed",
        ["access.emergency_reviewed.v1"] = "reviewed",
        ["audit.history_reviewed.v1"] = "reviewed",
    });
try
{
    var keys = (File.Exists(given) ? await File.ReadAllLinesAsync(given) : [given]).Where(x => x.Trim().Length > 0).Select(NoteKey.Parse).ToList();
    await using var file = File.OpenRead(path);
    var result = Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" => ExportCheck.CheckCsv(file, keys, types),
        ".JSON" => ProofCheck.Check(file, keys, types),
        _ => ExportCheck.Check(file, keys, types),
    };
    if (result.Fault is null)
    {
        Console.WriteLine($"GOOD  {result.Entries} entries of {result.Checkpoint!.Origin}, as signed at {result.Checkpoint.At:u} over {result.Checkpoint.Size} entries in all.");
        foreach (var signature in result.Signatures) Console.WriteLine(OneLine($"{(signature.IsByKeyFile ? "BOUND " : "SIGNED")}  {signature}"));
        return 0;
    }

    Console.WriteLine(result.Line == 0 ? $"BAD   {result.Fault}" : $"BAD   line {result.Line}: {result.Fault}");
    return 1;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

// A name must not write to a terminal what its reader takes for the program's.
static string OneLine(string text) => string.Concat(text.Select(x => char.IsControl(x) ? ' ' : x));
