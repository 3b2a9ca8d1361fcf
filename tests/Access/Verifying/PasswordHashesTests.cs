using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Host;

namespace Notify.Access.Tests.Verifying;

public sealed class PasswordHashesTests
{
    [Fact]
    public async Task the_product_hashes_as_often_as_it_should()
    {
        // Built, not started; and not as other tests have it.
        var data = Directory.CreateTempSubdirectory("notify-hashes-");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Notify.Host",
            Args = ["--ConnectionStrings:Notify=Host=none", $"--Notify:DataDirectory={data.FullName}"],
        });
        builder.AddNotifySettings([]);
        await using var app = builder.BuildNotify();
        data.Delete(recursive: true);
        app.Services.GetRequiredService<IOptions<PasswordHasherOptions>>().Value.IterationCount.Should().Be(210_000);
    }
}
