using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Operation.Keys;

/// <summary><c>POST /operation/keys/rotate</c>: seals with the newest key of the key file from now on, if every running node has it.</summary>
internal sealed class RotateKeys(MasterKey key, StoreKey storeKey, SealingKeys keys, ReadKeys read, IDocumentStore store, EventBatches batches)
{
    /// <exception cref="ProblemException">409: there is no newer key, or a node lacks it.</exception>
    public async Task<ReadKeys.Answer> RunAsync(AuditContext audit, CancellationToken cancellation)
    {
        key.Refresh();
        var newest = key.Ids[^1];
        string[] lacking = [.. (await keys.NodesAsync(cancellation)).Where(x => !x.Keys.Contains(newest)).Select(x => x.Node)];
        if (lacking.Length > 0)
        {
            throw ProblemException.Conflict(
                $"The key {newest} is not yet in the key file of {string.Join(", ", lacking)}. Copy the key file there and try again in a few seconds.");
        }

        await storeKey.RotateAsync(store, batches, audit, cancellation);
        keys.Wake();
        return await read.RunAsync(cancellation);
    }

    public static void Map(RouteGroupBuilder group) =>
        group.MapPost("/rotate", (RotateKeys rotate, HttpContext http) => rotate.RunAsync(http.Audit(), http.RequestAborted)).Idempotent()
            .Requires(Permission.OperationManage)
            .Document(
                "rotateKeys", "Seal secrets with the newest key",
                "The newest key of the key file seals from now on; everything sealed before is sealed anew in the background. "
                + "Add a key with `Notify.Host keys add` first, and copy the key file to every node.")
            .ProducesProblem(StatusCodes.Status409Conflict);
}
