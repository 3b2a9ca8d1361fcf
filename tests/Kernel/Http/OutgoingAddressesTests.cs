using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Notify.Kernel.Http;

namespace Notify.Kernel.Tests;

public class OutgoingAddressesTests
{
    private static OutgoingAddresses With(params (string Key, string Value)[] settings) => new(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(x => KeyValuePair.Create($"Notify:Outgoing:{x.Key}", (string?)x.Value))).Build());

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("fd00::1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:808:808::1")]
    [InlineData("2001:0:7f00:1::")]
    [InlineData("2001:2::1")]
    [InlineData("2001:1ff::1")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff:fff::1")]
    [InlineData("::7f00:1")]
    [InlineData("::10.1.2.3")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("100::1")]
    [InlineData("5f00::1")]
    [InlineData("fec0::1")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("::ffff:198.18.0.1")]
    public void An_address_that_is_not_public_is_refused(string address)
    {
        With().FaultOf("hooks.example.com", IPAddress.Parse(address)).Should().Contain("not public");
        With().FaultOf(address).Should().Contain("not public");
        With(("AllowedHosts:0", "hooks.example.com")).FaultOf("hooks.example.com", IPAddress.Parse(address)).Should().BeNull();
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("192.0.1.1")]
    [InlineData("192.0.3.1")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.1")]
    [InlineData("203.0.114.1")]
    [InlineData("2001:200::1")]
    [InlineData("2003::1")]
    [InlineData("3ffe::1")]
    [InlineData("2606:4700::1111")]
    public void A_public_address_is_allowed(string address) =>
        With().FaultOf("hooks.example.com", IPAddress.Parse(address)).Should().BeNull();

    [Fact]
    public void A_list_of_hosts_closes_all_others()
    {
        var addresses = With(("AllowedHosts:0", "hooks.example.com"), ("AllowedHosts:1", "*.Plant.example"));

        addresses.FaultOf("hooks.example.com").Should().BeNull();
        addresses.FaultOf("HOOKS.example.com.").Should().BeNull();
        addresses.FaultOf("a.b.plant.example").Should().BeNull();
        addresses.FaultOf("plant.example").Should().Contain("not one of the allowed hosts");
        addresses.FaultOf("xhooks.example.com").Should().Contain("not one of the allowed hosts");
        addresses.FaultOf("evil.example", IPAddress.Parse("8.8.8.8")).Should().Contain("not one of the allowed hosts");
    }

    [Fact]
    public void A_private_network_that_is_listed_is_open_and_its_neighbours_are_not()
    {
        var addresses = With(("AllowedNetworks:0", "10.20.0.0/16"));

        addresses.FaultOf("mes.plant", IPAddress.Parse("10.20.7.1")).Should().BeNull();
        addresses.FaultOf("mes.plant", IPAddress.Parse("10.21.7.1")).Should().Contain("not public");
        addresses.FaultOf("mes.plant", IPAddress.Parse("8.8.8.8")).Should().BeNull();
    }

    [Theory]
    [InlineData("AllowedHosts:0", "https://hooks.example.com")]
    [InlineData("AllowedHosts:0", "")]
    [InlineData("AllowedHosts:0", "*")]
    [InlineData("AllowedNetworks:0", "10.20.0.0/33")]
    [InlineData("AllowedNetworks:0", "plant")]
    public void A_setting_that_means_nothing_stops_the_start(string key, string value) =>
        FluentActions.Invoking(() => With((key, value))).Should().Throw<StartException>().WithMessage($"*{key.Split(':')[0]}*");

    [Fact]
    public async Task The_address_is_judged_when_the_connection_is_made()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        // A name that resolves to this machine: what a check of the name alone would let through.
        await FluentActions.Awaiting(async () => await With().ConnectAsync(new DnsEndPoint("localhost", port), default))
            .Should().ThrowAsync<HttpRequestException>().WithMessage("*not public*");
        listener.Pending().Should().BeFalse();

        await using var stream = await With(("AllowedHosts:0", "localhost")).ConnectAsync(new DnsEndPoint("localhost", port), default);
        stream.Socket.Connected.Should().BeTrue();
    }

    [Fact]
    public async Task A_client_with_it_reaches_neither_this_machine_nor_what_a_proxy_would_reach_for_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var addresses = With(("AllowedHosts:0", "hooks.example.com"));
        using var direct = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = addresses.ConnectAsync });
        using var proxied = new HttpClient(
            new SocketsHttpHandler { Proxy = new WebProxy($"http://127.0.0.1:{port}"), ConnectCallback = addresses.ConnectAsync });

        await FluentActions.Awaiting(() => direct.GetAsync(new Uri($"http://127.0.0.1:{port}/"))).Should().ThrowAsync<HttpRequestException>();
        await FluentActions.Awaiting(() => proxied.GetAsync(new Uri("http://evil.example/"))).Should().ThrowAsync<HttpRequestException>();
        listener.Pending().Should().BeFalse();

        var allowed = proxied.GetAsync(new Uri("http://hooks.example.com/"));
        using (var connection = await listener.AcceptTcpClientAsync())
            await connection.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray());
        (await allowed).StatusCode.Should().Be(HttpStatusCode.NoContent);
    }
}
