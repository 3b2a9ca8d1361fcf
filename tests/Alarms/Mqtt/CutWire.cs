using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Notify.Alarms.Tests.Mqtt;

/// <summary>A wire to a server, of which one direction can fall silent, and which can be cut.</summary>
internal sealed class CutWire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> ends = [];
    private readonly int port;
    private volatile bool isSilent;

    public CutWire(int port)
    {
        this.port = port;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>From now on nothing that the client says arrives; it still hears everything.</summary>
    public void Silence() => isSilent = true;

    /// <summary>Those who are connected lose each other; whoever connects anew is heard.</summary>
    public void Cut()
    {
        while (ends.TryTake(out var end)) end.Dispose();
        isSilent = false;
    }

    public ValueTask DisposeAsync()
    {
        listener.Stop();
        Cut();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, port);
                ends.Add(client);
                ends.Add(server);
                _ = PassAsync(client, server, isClient: true);
                _ = PassAsync(server, client, isClient: false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool isClient)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var count = await from.GetStream().ReadAsync(buffer);
                if (count == 0) break;
                if (!isClient || !isSilent) await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or SocketException)
        {
            // Cut.
        }

        to.Dispose();
    }
}
