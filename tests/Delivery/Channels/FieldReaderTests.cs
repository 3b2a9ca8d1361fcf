using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Delivery.Tests.Channels;

public sealed class FieldReaderTests
{
    private static readonly IReadOnlyList<Field> fields =
    [
        Field.Text("host", "Host", "主机", required: true) with { Max = 10 },
        Field.Number("port", "Port", "端口", 1, 65535, byDefault: 25),
        Field.Choice("security", "Security", "加密", "startTls", new("startTls", "STARTTLS", "STARTTLS"), new Choice("none", "None", "无")),
        Field.Secret("password", "Password", "密码"),
        new("bots", FieldType.List, new("Robots", "机器人"))
        {
            Max = 2,
            Key = "alias",
            Fields = [Field.Text("alias", "Alias", "别名", required: true), Field.Secret("sign", "Signature", "签名", required: true)],
        },
        new("headers", FieldType.SecretMap, new("Headers", "请求头")),
        new("names", FieldType.Texts, new("Names", "名称")),
        new("verify", FieldType.Flag, new("Verify", "验证")),
    ];

    [Fact]
    public void what_is_left_out_has_its_default()
    {
        var (read, faults) = Read("""{ "host": " mail " }""");
        faults.Should().BeEmpty();
        read.ToJsonString().Should().Be("""{"host":"mail","port":25,"security":"startTls","bots":[],"headers":{},"names":[]}""");
    }

    [Theory]
    [InlineData("{}", "host")]
    [InlineData("""{ "host": null }""", "host")]
    [InlineData("""{ "host": "" }""", "host")]
    [InlineData("""{ "host": 7 }""", "host")]
    [InlineData("""{ "host": "longer than ten" }""", "host")]
    [InlineData("""{ "host": "a", "hots": "a" }""", "hots")]
    [InlineData("""{ "host": "a", "port": 0 }""", "port")]
    [InlineData("""{ "host": "a", "port": 1.5 }""", "port")]
    [InlineData("""{ "host": "a", "port": true }""", "port")]
    [InlineData("""{ "host": "a", "security": "tls" }""", "security")]
    [InlineData("""{ "host": "a", "security": [] }""", "security")]
    [InlineData("""{ "host": "a", "password": { "set": true, "fingerprint": "x" } }""", "password")]
    [InlineData("""{ "host": "a", "password": 7 }""", "password")]
    [InlineData("""{ "host": "a", "bots": {} }""", "bots")]
    [InlineData("""{ "host": "a", "bots": [ null ] }""", "bots[0]")]
    [InlineData("""{ "host": "a", "bots": [ { "alias": "x" } ] }""", "bots[0].sign")]
    [InlineData("""{ "host": "a", "bots": [ { "alias": "x", "sign": "1" }, { "alias": "X", "sign": "2" } ] }""", "bots[1].alias")]
    [InlineData("""{ "host": "a", "bots": [ {}, {}, {} ] }""", "bots")]
    [InlineData("""{ "host": "a", "headers": { "a": null } }""", "headers.a")]
    [InlineData("""{ "host": "a", "headers": { "a": 7 } }""", "headers.a")]
    [InlineData("""{ "host": "a", "headers": { "a": { "set": true, "fingerprint": "x" } } }""", "headers.a")]
    [InlineData("""{ "host": "a", "headers": [] }""", "headers")]
    [InlineData("""{ "host": "a", "names": [ "x", "X" ] }""", "names[1]")]
    [InlineData("""{ "host": "a", "names": [ null ] }""", "names[0]")]
    [InlineData("""{ "host": "a", "verify": "yes" }""", "verify")]
    public void each_fault_names_its_field_once(string input, string path) => Read(input).Faults.Should().Equal(path);

    [Fact]
    public void a_number_may_be_pasted_as_text() => ((long)Read("""{ "host": "a", "port": " 587 " }""").Read["port"]!).Should().Be(587);

    [Theory]
    [InlineData("""{ "host": "a", "bots": [ { "alias": "ONE" } ], "headers": { "x": { "set": true, "fingerprint": "f:h" } } }""")]
    [InlineData(
        """{ "host": "a", "password": null, "bots": [ { "alias": "2", "sign": "s2" }, { "alias": "one", "sign": "" } ], "headers": { "x": "h" } }""")]
    [InlineData("""{ "host": "a", "password": { "set": true, "fingerprint": "f:p" }, "bots": [ { "alias": "one" } ], "headers": { "x": null } }""")]
    public void secrets_that_are_left_out_or_sent_back_as_read_are_kept(string change)
    {
        var stored = Read("""{ "host": "a", "password": "p", "bots": [ { "alias": "one", "sign": "s" } ], "headers": { "x": "h" } }""").Read;
        var (read, faults) = Read(change, stored);
        faults.Should().BeEmpty();
        read["password"]!.ToJsonString().Should().Be("""{"ref":"r:p","fingerprint":"f:p"}""");
        read["bots"]!.AsArray().Single(x => Names.Same((string?)x!["alias"], "one"))!["sign"]!["ref"]!.GetValue<string>().Should().Be("r:s");
        read["headers"]!["x"]!["ref"]!.GetValue<string>().Should().Be("r:h");
    }

    private const string Mail = """
        { "from": "a@plant.example", "host": "mail.plant.example", "userName": "a", "password": "p" }
        """;

    private const string TokenMail = """
        { "from": "a@plant.example", "host": "mail.plant.example", "userName": "a", "authentication": "oauth2", "password": "p",
          "oauth2": { "tokenEndpoint": "https://id.example/token", "clientId": "c", "grant": "refreshToken", "clientSecret": "s", "refreshToken": "t" } }
        """;

    private const string Hook = """
        { "url": "https://tickets.example.com/a", "signingSecret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "headers": { "Authorization": "h" } }
        """;

    [Theory]
    [InlineData("email", Mail, "{}")]
    [InlineData("email", Mail, """{ "fromName": "Alarms", "timeoutMs": 500 }""")]
    [InlineData("email", Mail, """{ "host": "mail.other.example" }""", "password")]
    [InlineData("email", Mail, """{ "host": "mail.other.example", "password": { "set": true, "fingerprint": "f:p" } }""", "password")]
    [InlineData("email", Mail, """{ "host": "mail.other.example", "password": "" }""", "password")]
    [InlineData("email", Mail, """{ "host": "mail.other.example", "password": "p" }""")]
    [InlineData("email", Mail, """{ "port": 2525 }""", "password")]
    [InlineData("email", Mail, """{ "security": "none" }""", "password")]
    [InlineData("email", Mail, """{ "authentication": "plain" }""", "password")]
    [InlineData("email", Mail, """{ "serverName": "mail.other.example" }""", "password")]
    [InlineData("email", TokenMail, """{ "host": "mail.other.example" }""", "oauth2.clientSecret", "oauth2.refreshToken")]
    [InlineData("email", TokenMail, """{ "oauth2": { "tokenEndpoint": "https://other.example/token", "clientId": "c", "grant": "refreshToken" } }""",
        "oauth2.clientSecret", "oauth2.refreshToken")]
    [InlineData("email", TokenMail, """{ "oauth2": { "tokenEndpoint": "https://id.example/token", "clientId": "d", "grant": "refreshToken" } }""")]
    [InlineData("email", TokenMail, """{ "authentication": "plain" }""", "password")]
    [InlineData("webhook", Hook, """{ "url": "https://tickets.example.com/b", "headers": { "Authorization": null } }""", "headers.Authorization")]
    [InlineData("webhook", Hook, """{ "url": "https://tickets.example.com/b", "headers": { "Authorization": "h" } }""")]
    [InlineData("webhook", Hook, """{ "headers": { "Authorization": null } }""")]
    public void a_secret_does_not_follow_where_it_is_sent(string channel, string before, string change, params string[] faults)
    {
        var of = TestChannels.All.Of(channel).Settings.Fields;
        var (stored, none) = Read(before, of: of);
        none.Should().BeEmpty();
        var input = JsonNode.Parse(before)!.AsObject();
        foreach (var secret in (string[])["password", "signingSecret"]) input.Remove(secret);
        foreach (var secret in (string[])["clientSecret", "refreshToken"]) (input["oauth2"] as JsonObject)?.Remove(secret);
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) input[name] = value?.DeepClone();
        Read(input.ToJsonString(), stored, of).Faults.Should().Equal(faults);
    }

    [Theory]
    [InlineData("Bearer ü")]
    [InlineData("Bearer a\nX: y")]
    [InlineData("Bearer \u007f")]
    public void a_header_has_a_value_that_can_be_sent(string value)
    {
        var input = JsonNode.Parse(Hook)!.AsObject();
        input["headers"]!["Authorization"] = value;
        Read(input.ToJsonString(), of: TestChannels.All.Of("webhook").Settings.Fields).Faults.Should().Equal("headers.Authorization");
    }

    [Fact]
    public void an_address_with_a_secret_is_kept_when_it_is_sent_back_masked_and_no_other_mask_is_taken()
    {
        IReadOnlyList<Field> hook = [new("hook", FieldType.SecretAddress, new("Hook", "地址")) { Address = new KeyAtEnd(), Required = true }];
        var (stored, none) = Read("""{ "hook": "https://a.example/0123456789abcdef" }""", of: hook);
        none.Should().BeEmpty();
        stored.ToJsonString().Should().Be(
            """{"hook":{"shown":"https://a.example/****cdef","key":{"ref":"r:0123456789abcdef","fingerprint":"f:0123456789abcdef"}}}""");
        foreach (var same in (string[])["""{ "hook": "https://a.example/****cdef", "fingerprint": "f" }""", "{}", """{ "hook": null }"""])
            Read(same, stored, hook).Read.ToJsonString().Should().Be(stored.ToJsonString());
        Read("""{ "hook": "https://a.example/****0000" }""", stored, hook).Faults.Should().Equal("hook");
        Read("""{ "hook": "https://b.example/x" }""", stored, hook).Faults.Should().Equal("hook");
        Read("{}", of: hook).Faults.Should().Equal("hook");
    }

    private sealed class KeyAtEnd : SecretAddressForm
    {
        private const string Origin = "https://a.example/";

        public override (string Shown, string Key, string? Fault) Divide(string address) =>
            address.StartsWith(Origin, StringComparison.Ordinal)
                ? (Origin + Masked(address[Origin.Length..]), address[Origin.Length..], null) : ("", "", "not one");

        public override string Whole(string shown, string key) => Origin + key;
    }

    private static (JsonObject Read, IEnumerable<string> Faults) Read(
        string input, JsonObject? current = null, IReadOnlyList<Field>? of = null)
    {
        var errors = new Errors();
        var read = new FieldReader(errors, (secret, _) => new SecretRef($"r:{secret}", $"f:{secret}")).Read(
            of ?? fields, JsonNode.Parse(input)!.AsObject(), current, "");
        return (read, errors.ToDictionary().SelectMany(x => x.Value.Select(_ => x.Key)));
    }
}
