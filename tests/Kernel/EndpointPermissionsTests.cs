using Microsoft.AspNetCore.Builder;
using Notify.Kernel.Http;

namespace Notify.Kernel.Tests;

public sealed class EndpointPermissionsTests
{
    [Fact]
    public void an_endpoint_that_declares_no_permission_or_two_stops_the_start_and_is_named()
    {
        var app = Application();
        app.MapGet("/right", () => "").Requires(Permission.AlarmsRead);
        app.MapGet("/open", () => "").Open("A reason.");
        app.CheckPermissions();

        app.MapGet("/none", () => "");
        var group = app.MapGroup("/two").Requires(Permission.AlarmsRead);
        group.MapPost("/{id}", () => "").Requires(Permission.AlarmsShelve);
        app.MapDelete("/both", () => "").Open("A reason.").Requires(Permission.AlarmsRead);
        app.MapGet("/anonymous", () => "").AllowAnonymous().Requires(Permission.AlarmsRead);
        app.MapGet("/unsaid", () => "").AllowAnonymous();
        app.Invoking(x => x.CheckPermissions()).Should().Throw<StartException>()
            .Which.Message.Should().EndWith("These do not: GET /none, DELETE /both, GET /anonymous, GET /unsaid, POST /two/{id}.");
    }

    [Fact]
    public void names_have_the_form_area_verb_and_are_unique()
    {
        var names = Permission.All.Select(x => x.Name).ToList();
        names.Should().OnlyHaveUniqueItems().And.OnlyContain(x => x.Split('.').Length == 2);
        names.Should().HaveCount(22, "they are part of the REST contract");
    }

    private static WebApplication Application() => WebApplication.CreateSlimBuilder().Build();
}
