using System.Text.Json.Nodes;
using Notify.Peers.SmsAliyun;
using Notify.Testing;

namespace Notify.Delivery.Tests.SmsAliyun;

/// <summary>What is entered wrongly is named.</summary>
[Collection(nameof(AskedHost))]
public sealed class AliyunFieldsTests(AskedHost asked)
{
    private readonly NotifyHost host = asked.Host;

    [Theory]
    [InlineData("""{ "content": "{name}" }""", "content")]
    [InlineData("""{ "signName": "" }""", "signName")]
    [InlineData("""{ "templateCode": "154950909" }""", "templateCode")]
    [InlineData("""{ "parameters": { "name": "{nmae}" } }""", "parameters.name")]
    [InlineData("""{ "format": "text" }""", "format")]
    [InlineData("""{ "format": "template" }""", null)]
    public async Task each_fault_of_a_message_names_its_field(string fields, string? path)
    {
        var message = AliyunTests.MessageOf("SMS_1");
        message["name"] = $"SMS {Guid.NewGuid():N}";
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject()) message[name] = value?.DeepClone();
        var answer = await host.SendAsync("POST", "messages", message);
        answer.Status.Should().Be(path is null ? 201 : 400);
        if (path is not null) answer.Faults.Should().Equal(path);
    }

    [Theory]
    [InlineData("dysmsapi.aliyuncs.com.example", 400)]
    [InlineData("https://dysmsapi.aliyuncs.com", 400)]
    [InlineData("127.0.0.1", 400)]
    [InlineData("dysmsapi.ap-southeast-1.aliyuncs.com", 201)]
    [InlineData("dysmsapi-vpc.cn-hangzhou.aliyuncs.com", 201)]
    public async Task only_endpoints_of_the_platform_get_a_signature(string endpoint, int status)
    {
        var answer = await host.SendAsync(
            "POST", "services", AliyunTests.ServiceOf(endpoint, AliyunStandIn.KeyId, AliyunStandIn.KeySecret, $"Service at {endpoint}"));
        answer.Status.Should().Be(status);
        if (status == 400) answer.Faults.Should().Equal("sms-aliyun.endpoint");
    }
}
