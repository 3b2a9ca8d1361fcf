using Microsoft.Extensions.Logging;
using Notify.Kernel;

namespace Notify.Access.SignIns;

/// <summary>Logs refused requests: the first from an address at once, then one line a minute with their count.</summary>
internal sealed class RefusalLines(TimeProvider time, ILogger logger)
{
    private const int MostAddresses = 20;

    private static readonly TimeSpan interval = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Told> addresses = new(StringComparer.Ordinal);

    private sealed class Told
    {
        public DateTimeOffset At { get; set; } = DateTimeOffset.MinValue;
        public int Count { get; set; }
        public string Last { get; set; } = "";
    }

    public void Note(string? address, string method, string path, int status)
    {
        lock (gate)
        {
            var name = address ?? "an unknown address";
            if (addresses.Count >= MostAddresses && !addresses.ContainsKey(name)) name = "other addresses";
            if (!addresses.TryGetValue(name, out var told)) addresses[name] = told = new Told();
            told.Count++;
            told.Last = $"{method} {path} ({status})";
        }
    }

    /// <summary>Logs what is due. Call it every few seconds.</summary>
    public void Tell()
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            foreach (var (address, told) in addresses.ToList())
            {
                if (!Instants.HasPassed(interval, told.At, now)) continue;
                if (told.Count == 0)
                {
                    addresses.Remove(address);
                    continue;
                }

                logger.LogWarning("Requests from {Address} were refused: {Count}, the last one {Request}", address, told.Count, told.Last);
                (told.At, told.Count) = (now, 0);
            }
        }
    }
}
