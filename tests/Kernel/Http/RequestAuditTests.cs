using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Tests.Http;

public sealed class RequestAuditTests
{
    private const string Key = "693a91f6-7d0c-4bc4-97a0-0ec2c1fa5b1e";

    [Theory]
    [InlineData(50)]
    [InlineData(94)]
    public async Task nothing_of_a_secret_remains_in_the_name_of_a_client_that_is_cut(int before)
    {
        var http = Request($"{new string('x', before)} {Key} and more of the name of this client, up to its end");
        await RequestAudit.InvokeAsync(http, _ => Task.CompletedTask);

        foreach (var audit in new[] { http.Audit(), RequestAudit.OfRefused(http), RequestAudit.OfNobody(http) })
            audit.Client.Should().StartWith($"{new string('x', before)} …").And.NotContain(Key[..4]).And.HaveLength(101).And.EndWith("…");
    }

    [Fact]
    public void a_client_without_a_name_has_none() => RequestAudit.OfNobody(Request("")).Client.Should().BeNull();

    private static DefaultHttpContext Request(string client)
    {
        var known = new KnownSecrets(TimeProvider.System);
        known.Add(Key);
        var http = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton(known).AddSingleton(TimeProvider.System).BuildServiceProvider(),
        };
        http.Request.Headers.UserAgent = client;
        return http;
    }
}
