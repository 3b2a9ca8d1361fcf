using Notify.Peers;

namespace Notify.Delivery.Tests.Channels;

/// <summary>The faults of a platform that speaks HTTP.</summary>
internal static class HttpFaults
{
    /// <param name="refusedWords">How the platform refuses what a message says.</param>
    /// <param name="taken">The status with which it answers what it has taken.</param>
    public static HttpFault Of(PeerFault fault, HttpFault refusedWords, int taken = 200) => fault switch
    {
        PeerFault.NoAnswer => new(0),
        PeerFault.LostAnswer => new(0, Acts: true),
        PeerFault.CutAnswer => new(taken, Acts: true, Cut: true),
        PeerFault.ServerError => new(502, Body: "<html>Bad Gateway</html>"),
        _ => refusedWords,
    };
}
