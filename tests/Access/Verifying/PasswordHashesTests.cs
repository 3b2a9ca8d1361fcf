using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Testing;

namespace Notify.Access.Tests.Verifying;

public sealed class PasswordHashesTests
{
    [Fact]
    public async Task the_product_hashes_as_often_as_it_should()
    {
        await using var app = NotifyHost.Build();
        app.Services.GetRequiredService<IOptions<PasswordHasherOptions>>().Value.IterationCount.Should().Be(210_000);
    }
}
