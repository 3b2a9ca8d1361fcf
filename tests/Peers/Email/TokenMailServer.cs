using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Notify.Peers.Email;

/// <summary>A mail server on 127.0.0.1 that signs in by access tokens only (<c>AUTH XOAUTH2</c>), and takes everything else. Without TLS.</summary>
public sealed class TokenMailServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<(string Token, MimeMessage Mail)> received = new();
    private readonly ConcurrentBag<Task> conversations = [];
    private readonly TokenStandIn tokens;
    private readonly Task running;

    public TokenMailServer(TokenStandIn tokens)
    {
        this.tokens = tokens;
        listener.Start();
        running = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>All mails, oldest first, with the token that each was sent with.</summary>
    public IReadOnlyList<(string Token, MimeMessage Mail)> Received => [.. received];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await running;
        await Task.WhenAll(conversations);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) conversations.Add(TalkAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                await using var writer = new StreamWriter(stream, Encoding.Latin1) { AutoFlush = true, NewLine = "\r\n" };
                await writer.WriteLineAsync($"220 {EmailStandIn.Name} ESMTP");
                string? token = null;
                while (await reader.ReadLineAsync(stop.Token) is { } line)
                {
                    var command = line.Split(' ')[0].ToUpperInvariant();
                    switch (command)
                    {
                        case "EHLO":
                            await writer.WriteLineAsync($"250-{EmailStandIn.Name}");
                            await writer.WriteLineAsync("250-8BITMIME");
                            await writer.WriteLineAsync("250 AUTH XOAUTH2");
                            break;
                        case "AUTH":
                            token = TokenOf(line.Split(' ')[^1]);
                            if (token is null || !tokens.IsGood(token))
                            {
                                token = null;
                                await writer.WriteLineAsync($"334 {Convert.ToBase64String("""{"status":"401","schemes":"bearer"}"""u8)}");
                                await reader.ReadLineAsync(stop.Token);
                            }

                            await writer.WriteLineAsync(token is null ? "535 5.7.3 Authentication unsuccessful" : "235 2.7.0 Accepted");
                            break;
                        case "DATA" when token is not null:
                            await writer.WriteLineAsync("354 Start mail input");
                            var words = new StringBuilder();
                            while (await reader.ReadLineAsync(stop.Token) is { } next && next != ".")
                                words.Append(next.StartsWith('.') ? next[1..] : next).Append("\r\n");
                            using (var bytes = new MemoryStream(Encoding.Latin1.GetBytes(words.ToString())))
                                received.Enqueue((token, await MimeMessage.LoadAsync(bytes, stop.Token)));
                            await writer.WriteLineAsync("250 2.0.0 Ok: queued");
                            break;
                        case "QUIT":
                            await writer.WriteLineAsync("221 2.0.0 Bye");
                            return;
                        default:
                            await writer.WriteLineAsync(token is null ? "530 5.7.57 Client not authenticated" : "250 2.0.0 Ok");
                            break;
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }

    /// <returns>Null: it is none of this server's user.</returns>
    private static string? TokenOf(string response)
    {
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(response)).Split('\u0001');
        const string bearer = "auth=Bearer ";
        return parts is [$"user={EmailStandIn.User}", var auth, "", ""] && auth.StartsWith(bearer, StringComparison.Ordinal)
            ? auth[bearer.Length..] : null;
    }
}
