namespace Notify.Audit.Proofs.Log;

/// <summary>What stands where a personal text was.</summary>
public static class Erased
{
    public const string Text = "[erased]";

    public static ReadOnlySpan<byte> Json => "\"[erased]\""u8;
}
