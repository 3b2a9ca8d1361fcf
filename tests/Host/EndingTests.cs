using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Host.Operating;
using Notify.Kernel;

namespace Notify.Host.Tests;

public sealed class EndingTests
{
    [Fact]
    public async Task an_address_that_something_else_uses_is_named_in_one_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://{other.LocalEndpoint}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        var run = () => builder.Build().RunToItsEndAsync();
        (await run.Should().ThrowAsync<StartException>()).Which.Message.Should().Contain(address).And.Contain("already in use").And.Contain("--urls");
    }
}
