using System.Text;
using Microsoft.AspNetCore.Http;
using Notify.Kernel.Http;

namespace Notify.Kernel.Tests.Http;

public sealed class PresentedKeyTests
{
    private const string Key = "ntf_0123456789abcdef";
    private const string Asterisks = "********************";

    [Theory]
    [InlineData("Bearer " + Key)]
    [InlineData("bearer " + Key)]
    [InlineData("Basic bm90aWZ5Om50Zl8wMTIzNDU2Nzg5YWJjZGVm")]
    public async Task the_key_stands_nowhere_but_where_it_belongs(string credentials)
    {
        var body = $$"""{"a":"{{Key}}","b":"ntf_0123 {{Key}}{{Key}} ntf_01234567"}""";
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = credentials;
        http.Request.Headers["X-Change-Reason"] = $"with {Key}";
        http.Request.Headers["X-Other"] = "as it was";
        http.Request.QueryString = new($"?a={Key}");
        http.Request.Body = new Dribble(Encoding.UTF8.GetBytes(body));

        await PresentedKey.InvokeAsync(http, _ => Task.CompletedTask);

        http.Request.Headers.Authorization.ToString().Should().Be(credentials);
        http.Request.Headers["X-Change-Reason"].ToString().Should().Be($"with {Asterisks}");
        http.Request.Headers["X-Other"].ToString().Should().Be("as it was");
        http.Request.QueryString.Value.Should().Be($"?a={Asterisks}");
        using var reader = new StreamReader(http.Request.Body);
        (await reader.ReadToEndAsync()).Should().Be(body.Replace(Key, Asterisks, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(4096)]
    public async Task however_much_is_asked_for_at_a_time(int size)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = $"Bearer {Key}";
        var sent = string.Concat(Enumerable.Range(0, 50).Select(i => $"{new string('n', i)}ntf_{i}{Key}"));
        http.Request.Body = new Dribble(Encoding.UTF8.GetBytes(sent));
        await PresentedKey.InvokeAsync(http, _ => Task.CompletedTask);

        using var read = new MemoryStream();
        var buffer = new byte[size];
        while (await http.Request.Body.ReadAsync(buffer) is > 0 and var count) read.Write(buffer, 0, count);

        var text = Encoding.UTF8.GetString(read.ToArray());
        text.Length.Should().Be(sent.Length);
        if (size >= Key.Length) text.Should().Be(sent.Replace(Key, Asterisks, StringComparison.Ordinal));
    }

    /// <summary>Comes in pieces of one to nine bytes.</summary>
    private sealed class Dribble(byte[] bytes) : MemoryStream(bytes)
    {
        private int turn;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, (turn++ % 9) + 1)], cancellationToken);
    }
}
