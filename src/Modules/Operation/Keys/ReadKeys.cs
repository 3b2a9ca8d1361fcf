using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Operation.Keys;

/// <summary><c>GET /operation/keys</c>: the keys of the key file, which of them seals, and what each has sealed.</summary>
internal sealed class ReadKeys(MasterKey key, StoreKey storeKey, SealingKeys keys)
{
    /// <param name="Id">16 hexadecimal digits that reveal nothing about the key.</param>
    /// <param name="IsFirst">The first key is the installation's identity and cannot be removed.</param>
    /// <param name="Sealed">How many stored values it has sealed; 0: it can be removed, unless it is the first or the sealing one.</param>
    /// <param name="IsMissing">Values are sealed with it, and this node's key file does not have it.</param>
    internal sealed record Key(string Id, bool IsFirst, bool IsSealing, long Sealed, bool IsMissing);

    internal sealed record Node(string Name, IReadOnlyList<string> Keys);

    internal sealed record Answer(IReadOnlyList<Key> Keys, IReadOnlyList<Node> Nodes);

    public async Task<Answer> RunAsync(CancellationToken cancellation)
    {
        key.Refresh();
        var sealing = await storeKey.SealingAsync(cancellation);
        var counts = await keys.CountAsync(cancellation);
        return new(
            [.. key.Ids.Concat(counts.Keys.Order(StringComparer.Ordinal)).Append(sealing).Distinct(StringComparer.Ordinal).Select(x =>
                new Key(x, x == key.Identity, x == sealing, counts.GetValueOrDefault(x), !key.Ids.Contains(x)))],
            [.. (await keys.NodesAsync(cancellation)).Select(x => new Node(x.Node, x.Keys))]);
    }

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("", (ReadKeys read, HttpContext http) => read.RunAsync(http.RequestAborted)).Requires(Permission.OperationRead)
            .Document(
                "getKeys", "Read which keys seal secrets",
                "The ids of the keys in the key file, how many stored values each has sealed, and which nodes have which keys.");
}
