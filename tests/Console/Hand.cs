using Microsoft.Playwright;

namespace Notify.Console.Tests;

/// <summary>How somebody uses a page: by the mouse, or by the keyboard alone.</summary>
public sealed class Hand(IPage page, bool keyboard)
{
    public async Task PressAsync(ILocator button)
    {
        // A form that is being checked may close its button once more.
        await Assertions.Expect(page.Locator("dialog[open][aria-busy=true]")).ToHaveCountAsync(0);
        await Assertions.Expect(button).ToBeEnabledAsync();
        if (!keyboard)
        {
            await button.ClickAsync();
            return;
        }

        await ReachAsync(button);
        await page.Keyboard.PressAsync("Enter");
    }

    public async Task TypeAsync(ILocator field, string text)
    {
        if (keyboard) await ReachAsync(field);
        else await field.ClickAsync();
        await page.Keyboard.TypeAsync(text);
    }

    public async Task TickAsync(ILocator box)
    {
        await box.WaitForAsync();
        if (await box.IsCheckedAsync()) return;
        if (keyboard && await box.GetAttributeAsync("type") == "radio")
        {
            // Of a group Tab leads to the chosen one, and arrows to the others.
            await ReachAsync(page.Locator("dialog[open] input[type=radio]:checked"));
            for (var i = 0; i < 20 && !await box.IsCheckedAsync(); i++) await page.Keyboard.PressAsync("ArrowDown");
        }
        else if (keyboard)
        {
            await ReachAsync(box);
            await page.Keyboard.PressAsync("Space");
        }
        else await box.ClickAsync();

        await Assertions.Expect(box).ToBeCheckedAsync();
    }

    /// <summary>From where the focus is, by Tab.</summary>
    private async Task ReachAsync(ILocator element)
    {
        await element.WaitForAsync();
        for (var i = 0; i < 150; i++)
        {
            if (await element.EvaluateAsync<bool>("x => x === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }

        throw new InvalidOperationException($"No press of Tab leads to {element}.");
    }
}
