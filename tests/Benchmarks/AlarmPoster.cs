using System.Net.Sockets;
using System.Text;

namespace Notify.Benchmarks;

/// <summary>One keep-alive connection that posts alarms and reads the answers with as little work as can be: the load must not cost what it
/// measures.</summary>
internal sealed class AlarmPoster : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[1024 * 1024];
    private readonly StringBuilder body = new();

    public static async Task<AlarmPoster> ConnectAsync(int port)
    {
        var poster = new AlarmPoster();
        await poster.socket.ConnectAsync("127.0.0.1", port);
        return poster;
    }

    /// <summary>Posts alarms with the numbers from <paramref name="first"/> on; throws unless they are answered 202.</summary>
    public async Task PostAsync(string run, int first, int count)
    {
        body.Clear().Append("{\"alarms\":[");
        for (var i = first; i < first + count; i++)
        {
            if (i > first) body.Append(',');
            body.Append("{\"name\":\"High pressure ").Append(run).Append('-').Append(i).Append("\",\"path\":\"Site1/Line").Append(i % 20)
                .Append("/Pump").Append(i % 300)
                .Append("\",\"level\":\"High\",\"state\":\"ActiveUnacked\",\"value\":9.75,\"type\":\"Process\",\"description\":\"Discharge pressure above the limit\",\"labels\":{\"team\":\"ops\",\"unit\":\"bar\"}}");
        }

        body.Append("]}");
        var head = $"POST /api/v1/alarms HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {Bench.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        var length = Encoding.ASCII.GetBytes(head, buffer);
        foreach (var chunk in body.GetChunks()) length += Encoding.ASCII.GetBytes(chunk.Span, buffer.AsSpan(length));
        for (var sent = 0; sent < length;) sent += await socket.SendAsync(buffer.AsMemory(sent, length - sent));

        var received = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(received));
            if (read == 0) throw new IOException("The connection was closed.");
            received += read;
            if (IsComplete(buffer.AsSpan(0, received))) break;
        }

        if (!buffer.AsSpan(0, received).StartsWith("HTTP/1.1 202"u8)) throw new IOException(
            Encoding.UTF8.GetString(buffer, 0, Math.Min(received, 600)));
    }

    public void Dispose() => socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0) return false;
        var marker = answer[..head].IndexOf("Content-Length: "u8);
        if (marker < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8);
        var digits = answer[(marker + 16)..head];
        var end = digits.IndexOf((byte)'\r');
        return answer.Length >= head + 4 + int.Parse(end < 0 ? digits : digits[..end]);
    }
}
