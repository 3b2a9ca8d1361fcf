using System.Net;
using System.Net.Http.Json;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>
/// Senders that do as good senders do: several connections, one alarm or a few in a request, and again until it is answered 202. An alarm that is
/// sent again is the same event, so that it is not a second one for Notify.
/// </summary>
/// <param name="nodes">In turns; a sender that is refused goes to the next one.</param>
internal sealed class AlarmLoad(IReadOnlyList<NotifyProcess> nodes, int count, string prefix, string? description = null)
{
    private const int Connections = 8;

    /// <summary>For work that comes by the hundred, also on a machine that is busy with something else.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(3);

    private int turn;
    private int requests;

    public AlarmLoad(NotifyProcess notify, int count, string prefix, string? description = null)
        : this([notify], count, prefix, description)
    {
    }

    private static readonly DateTimeOffset eventTime = TimeProvider.System.GetUtcNow();
    private int next;
    private int accepted;
    private Task running = Task.CompletedTask;
    private int allowed = int.MaxValue;
    private int stopped = int.MaxValue;

    private int End => Math.Min(count, Volatile.Read(ref stopped));

    /// <summary>Of all alarms, or of those that were begun before <see cref="Stop"/>.</summary>
    public IEnumerable<string> Names => Enumerable.Range(0, End).Select(Name);

    /// <summary>Answered 202 so far.</summary>
    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>The senders go on to so many alarms in all, and then wait for more to be allowed.</summary>
    public void Allow(int alarms) => Volatile.Write(ref allowed, alarms);

    /// <summary>What was begun is finished, nothing more is begun.</summary>
    public void Stop()
    {
        // Each sender has taken its next alarms already; the highest of them is the end.
        Volatile.Write(ref stopped, Volatile.Read(ref next));
        Volatile.Write(ref allowed, int.MaxValue);
    }

    public Task RunAsync(CancellationToken cancellation) =>
        running = Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => SendAsync(cancellation)));

    /// <summary>When so many alarms were answered 202; fails when the senders have.</summary>
    public Task<int> AcceptedAsync(int atLeast) => Eventually.GetAsync(
        async () =>
        {
            if (running.IsCompleted) await running;
            return Accepted;
        },
        x => x >= atLeast,
        patience);

    /// <summary>When the robot has shown all of them, by the example's text: <c>{level} {name} {state} …</c>.</summary>
    /// <returns>How often each was shown.</returns>
    public async Task<Dictionary<string, int>> AllArrivedAsync(WeComStandIn weCom)
    {
        var names = Names.ToHashSet(StringComparer.Ordinal);
        return await Eventually.GetAsync(
            () => Task.FromResult(weCom.Log.Shown.GroupBy(x => x.Text.Split(' ')[1], StringComparer.Ordinal).Where(x => names.Contains(x.Key))
            .ToDictionary(x => x.Key, x => x.Count(), StringComparer.Ordinal)),
            x => x.Count == names.Count, patience);
    }

    private string Name(int index) => $"{prefix}-{index:D5}";

    private async Task SendAsync(CancellationToken cancellation)
    {
        int[] sizes = [1, 1, 1, 2, 5, 20];
        while (true)
        {
            var size = sizes[Interlocked.Increment(ref requests) % sizes.Length];
            var first = Interlocked.Add(ref next, size) - size;
            if (first >= End) return;
            size = Math.Min(size, End - first);
            while (first >= Volatile.Read(ref allowed)) await Task.Delay(20, cancellation);
            var body = new { alarms = Enumerable.Range(first, size).Select(i => new { name = Name(i), eventTime, description }).ToArray() };
            while (!await TrySendAsync(body, cancellation)) await Task.Delay(50, cancellation);
            Interlocked.Add(ref accepted, size);
        }
    }

    private async Task<bool> TrySendAsync(object body, CancellationToken cancellation)
    {
        try
        {
            var node = nodes[Interlocked.Increment(ref turn) % nodes.Count];
            using var response = await node.Client.PostAsJsonAsync("/api/v1/alarms", body, cancellation);
            if (response.StatusCode is HttpStatusCode.Accepted) return true;
            if (response.StatusCode is HttpStatusCode.ServiceUnavailable) return false;
            throw new InvalidOperationException(
                $"An alarm was answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");
        }
        catch (HttpRequestException)
        {
            return false; // refused or cut off: Notify is down
        }
    }
}
