using Notify.Peers.WeCom;

namespace Notify.Peers;

/// <summary>Runs the stand-ins by themselves, for the demo and for load from another process.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        try
        {
            await using var wecom = await WeComStandIn.StartAsync(options => options.Read(args));
            await using var others = wecom.Options.MailPort is { } port ? await OtherPlatforms.StartAsync(port, wecom.Log) : null;
            wecom.Options.Others = others;
            Console.WriteLine($"WeCom stand-in, chat page: {wecom.BaseUrl}/");
            await wecom.RunAsync();
            return 0;
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }
    }
}
