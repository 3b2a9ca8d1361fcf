using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.Email;

/// <summary>What the stand-in says is also what a mail server says.</summary>
public sealed class RealMailServerTests(EmailHost email) : IClassFixture<EmailHost>
{
    [Fact]
    public async Task a_real_server_takes_a_mail_for_one_and_refuses_another_and_knows_every_way_to_sign_in()
    {
        await using var exim = new Exim();
        await exim.StartAsync();
        var services = new Dictionary<string, string>();
        foreach (var way in (string[])["auto", "plain", "login", "cramMd5"])
        {
            services[way] = await email.ServiceAsync($"Exim by {way}", x => Point(x, exim, way, Exim.Password));
            var tested = await email.Host.PostAsync($"services/{services[way]}/connection-test", new { });
            ((string?)tested["outcome"]).Should().Be("passed", tested.ToJsonString());
        }

        var wrong = await email.ServiceAsync("Exim with another password", x => Point(x, exim, "auto", "the-password-of-somebody-else"));
        var failed = (await email.Host.PostAsync($"services/{wrong}/connection-test", new { }))["checks"]!.AsArray()[^1]!;
        ((string?)failed["call"], (bool?)failed["passed"], (string?)failed["code"]).Should().Be(("AUTH", false, "535"));

        await email.RuleAsync(
            "Real", services["auto"],
            new() { ["format"] = "html", ["subject"] = "报警 {name}", ["content"] = "<p>一号炉 <b>{name}</b></p>" }, ["ActiveUnacked"],
            ("duty@plant.example", null), ("gone@plant.example", "cc"), ("boss@plant.example", "bcc"));
        var notification = await email.RaiseAsync("Real", new JsonObject { ["name"] = "Too hot" });
        ((string?)notification["status"]).Should().Be("PartlyDelivered");
        notification["receivers"]!.AsArray().Select(x => ((string?)x!["account"], (string?)x["outcome"], (string?)x["platformCode"])).Should()
            .BeEquivalentTo(new[]
            {
                ("duty@plant.example", "delivered", null), ("gone@plant.example", "failed", "5.1.1"), ("boss@plant.example", "delivered", null),
            });
        var mails = await Eventually.GetAsync(() => Task.FromResult(exim.Delivered), x => x.Count > 0);
        foreach (var mail in mails)
        {
            (mail.Subject, mail.TextBody!.Trim()).Should().Be(("报警 Too hot", "一号炉 Too hot"));
            mail.HtmlBody.Should().Contain("一号炉 <b>Too hot</b>");
            mail.To.ToString().Should().Be("duty@plant.example");
            mail.Cc.ToString().Should().Be("gone@plant.example");
        }
    }

    private static void Point(JsonObject settings, Exim exim, string way, string password)
    {
        settings["port"] = exim.Port;
        settings["caCertificate"] = exim.CaCertificate;
        settings["userName"] = Exim.User;
        settings["password"] = password;
        settings["authentication"] = way;
    }
}
