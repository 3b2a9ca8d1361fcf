namespace Notify.Audit.Proofs.Log;

/// <summary>The replacement for a personal text.</summary>
public static class Erased
{
    public const string Text = "[erased]";

    public static ReadOnlySpan<byte> Json => "\"[erased]\""u8;
}
