namespace Notify.Kernel.Http;

/// <summary>What not everybody who may come in may do. Access says who may; an endpoint asks by these names.</summary>
public static class Permissions
{
    /// <summary>To send notifications of the past again.</summary>
    public const string Redeliver = "replays.redeliver";
}
