using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Kernel.Secrets;

namespace Notify.Operation.Keys;

/// <summary>
/// <c>Notify.Host keys list</c>, <c>keys add</c>, <c>keys remove ID</c>: changes the key file of this machine. Adding needs no database and may be
/// done while Notify runs; removing asks the database first whether the key is still in use.
/// </summary>
public static class KeysCommand
{
    private const string Usage = "Usage: Notify.Host keys list | keys add | keys remove ID";

    public static bool IsNamed(string[] args) => args is ["keys", ..];

    /// <summary>Whether it works on the file alone.</summary>
    public static bool IsOfFile(string[] args) => IsNamed(args) && args is not ["keys", "remove", ..];

    public static int RunOnFile(MasterKey key, string[] args)
    {
        switch (args)
        {
            case ["keys", "add", ..]:
                Console.Out.WriteLine($"Added the key {key.Add()} to {key.Path}.");
                Console.Out.WriteLine("Copy the file to every other node, back it up, and then call POST /api/v1/operation/keys/rotate.");
                return 0;
            case ["keys", "list", ..]:
                foreach (var id in key.Ids) Console.Out.WriteLine(id);
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 1;
        }
    }

    /// <returns>The exit code.</returns>
    public static async Task<int> RemoveAsync(IHost app, string[] args)
    {
        if (args is not ["keys", "remove", var id, ..])
        {
            await Console.Error.WriteLineAsync(Usage);
            return 1;
        }

        var key = app.Services.GetRequiredService<MasterKey>();
        var sealing = await app.Services.GetRequiredService<StoreKey>().SealingAsync(CancellationToken.None);
        var count = (await app.Services.GetRequiredService<SealingKeys>().CountAsync(CancellationToken.None)).GetValueOrDefault(id);
        if (id == sealing || count > 0)
        {
            await Console.Error.WriteLineAsync(id == sealing
                ? $"The key {id} seals secrets now. Rotate to a newer one first." : $"The key {id} still seals {count} values. Nothing was changed.");
            return 1;
        }

        try
        {
            key.Remove(id);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        await Console.Out.WriteLineAsync($"Removed the key {id} from {key.Path}. Copy the file to the other nodes.");
        return 0;
    }
}
